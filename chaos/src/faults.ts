import type { Fault } from './fault.ts';
import { clockFaults } from './faults/clocks.ts';
import { feishuFaults } from './faults/feishu.ts';
import { loadFaults } from './faults/load.ts';
import { modelFaults } from './faults/model.ts';
import { networkFaults } from './faults/network.ts';
import { nodeFaults } from './faults/node.ts';
import { powerFaults } from './faults/power.ts';
import { processFaults } from './faults/process.ts';
import { storeFaults } from './faults/stores.ts';

/** Every fault that there is, family by family: one line each. */
export const faults: readonly Fault[] = [
  ...processFaults,
  ...powerFaults,
  ...networkFaults,
  ...feishuFaults,
  ...modelFaults,
  ...nodeFaults,
  ...loadFaults,
  ...storeFaults,
  ...clockFaults,
];
