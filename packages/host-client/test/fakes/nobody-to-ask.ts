import type { ShellGate } from '../../src/tools/shell-gate.ts';

/** For tests in which no user may be asked: asking fails them. */
export const nobodyToAsk: Pick<ShellGate, 'nodeId' | 'approvals' | 'rules'> = {
  nodeId: 'home-pc',
  approvals: { ask: ({ title }) => Promise.reject(new Error(`asked: ${title}`)) },
  rules: { covers: () => false },
};
