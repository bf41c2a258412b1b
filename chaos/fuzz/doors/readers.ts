import * as fc from 'fast-check';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { chatReaders } from './readers/chat-readers.ts';
import { machineReaders } from './readers/machine-readers.ts';
import type { Reader } from './readers/reader.ts';

/**
 * Of a long input, no reader may stop everything for longer, in ms of work: 20 is what users are promised, and a busy
 * machine with cold caches takes twice as long for the same.
 */
const STEP_MS = 40;

const all: readonly Reader[] = [...chatReaders, ...machineReaders];

/** Everything that reads what people and programs write, called as it is. */
export const readers = defineDoor({ name: 'readers', share: 40, open });

type Reading = { readonly reader: string; readonly text: string };

async function open(): Promise<OpenDoor<Reading>> {
  const cases = all.map(({ name, inputs }) => {
    const long = fc.tuple(inputs, fc.integer({ min: 2000, max: 200_000 })).map(([text, chars]) => filled(text, chars));
    const texts = fc.oneof({ weight: 60, arbitrary: inputs }, { weight: 1, arbitrary: long });
    return fc.record({ reader: fc.constant(name), text: texts });
  });
  return { cases: fc.oneof(...cases), meet };
}

/** The text again and again. */
function filled(text: string, chars: number): string {
  return text === '' ? '' : text.repeat(Math.ceil(chars / text.length)).slice(0, chars);
}

function meet({ reader, text }: Reading): void {
  const { read, isApart = false } = all.find(({ name }) => name === reader) ?? {};
  const took = () => {
    const before = process.threadCpuUsage();
    const check = read?.(text);
    const { user, system } = process.threadCpuUsage(before);
    check?.();
    return (user + system) / 1000;
  };
  // Several times, since code gets faster, and garbage may have been collected meanwhile.
  const isQuick = [1, 2, 3, 4].some(() => took() < STEP_MS || isApart);
  expectThat(isQuick, `it takes over ${STEP_MS} ms at a stretch`);
}
