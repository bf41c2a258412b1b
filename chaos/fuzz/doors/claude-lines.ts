import { readdirSync, readFileSync } from 'node:fs';
import type { Arbitrary } from 'fast-check';
import * as fc from 'fast-check';
import { parseCliLine } from '../../../packages/host-client/src/sessions/claude/cli-messages.ts';
import { StreamEvents } from '../../../packages/host-client/src/sessions/claude/stream-events.ts';
import { readHead } from '../../../packages/host-client/src/sessions/claude/transcript-head.ts';
import { LineSplitter } from '../../../packages/host-client/src/sessions/lines.ts';
import type { OpenDoor } from '../door.ts';
import { defineDoor, expectThat } from '../door.ts';
import { jsonOf, mutated, strangeText } from '../strange.ts';

const recorded = new URL('../../../packages/host-client/test/sessions/claude/recorded/', import.meta.url);

/** What the real program wrote, and other things of its kind, as bytes that come in pieces. */
export const claudeLines = defineDoor({ name: 'claude-lines', share: 15, open });

type Output = { readonly bytes: Uint8Array; readonly cuts: readonly number[] };

async function open(): Promise<OpenDoor<Output>> {
  const messages = recordedMessages();
  const lines: Arbitrary<string> = fc.oneof(
    { weight: 6, arbitrary: jsonOf(mutated(fc.constantFrom(...messages))) },
    { weight: 1, arbitrary: strangeText },
  );
  const texts = fc.array(lines, { maxLength: 6 }).map((all) => new TextEncoder().encode(all.join('\n')));
  const bytes = fc.oneof({ weight: 6, arbitrary: texts }, { weight: 1, arbitrary: fc.uint8Array({ maxLength: 400 }) });
  return { cases: fc.record({ bytes, cuts: fc.array(fc.nat(400), { maxLength: 6 }) }), meet };
}

function recordedMessages(): unknown[] {
  return readdirSync(recorded).flatMap((file) =>
    readFileSync(new URL(file, recorded), 'utf8')
      .split('\n')
      .filter((line) => line.startsWith('{'))
      .map((line): unknown => JSON.parse(line)),
  );
}

function meet({ bytes, cuts }: Output): void {
  const lines: string[] = [];
  const splitter = new LineSplitter((line) => lines.push(line));
  for (const piece of piecesOf(bytes, cuts)) splitter.write(piece);
  splitter.end();
  const whole = new TextDecoder('utf-8', { ignoreBOM: true }).decode(bytes);
  expectThat(withoutEnds(lines) === withoutEnds(linesOf(whole)), 'the lines are not those of the bytes');
  const events = new StreamEvents({ conversationId: 'c', nodeName: 'home-pc' });
  for (const line of lines) {
    const message = parseCliLine(line);
    if (message !== 'unknown' && message !== 'noise') expectThat(Array.isArray(events.read(message)), 'no events');
  }
  readHead({ text: whole, isWhole: true });
}

/** What stands behind the last line feed is a line only if there is something. */
function linesOf(text: string): string[] {
  const lines = text.split('\n');
  return lines.at(-1) === '' ? lines.slice(0, -1) : lines;
}

function withoutEnds(lines: readonly string[]): string {
  return lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line)).join('\n');
}

function piecesOf(bytes: Uint8Array, cuts: readonly number[]): Buffer[] {
  const places = [0, ...cuts.map((cut) => cut % (bytes.length + 1)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((end, index) => Buffer.from(bytes.subarray(places[index], end)));
}
