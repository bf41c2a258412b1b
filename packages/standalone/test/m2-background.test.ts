import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { House, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';
import { ScriptedMailboy } from './m2/scripted-mailboy.ts';

let house: House;
let router: Program;
let node: Program;
let mailboy: ScriptedMailboy;
let alice: Phone;

beforeAll(async () => {
  // A restart on a busy machine is no absence to tell of.
  house = await startHouse({ keyring: { NODE_OFFLINE_GRACE_S: 60 }, hostConfig: { SHELL_POLICY: 'auto' } });
  [router, node] = await Promise.all([house.startRouter(), house.startNode()]);
  await house.connected();
  mailboy = new ScriptedMailboy(house);
  alice = new Phone(house.feishu, 'ou_alice');
});
afterAll(async () => {
  await house[Symbol.asyncDispose]();
});

test('a command in the background is answered at once, and its end told once, over a restart of the router', async () => {
  const id = await runsInBackground('until test -e done; do sleep 0.1; done; echo built it');
  expect((await alice.asks('/tasks', `#${id}`)).text).toMatch(/running for \d+s: build it$/m);
  await router.kill();
  writeFileSync(join(house.workingDir, 'done'), '');
  router = await house.startRouter();
  const { text } = await alice.hears(`✅ Task #${id} done (`);
  expect(text).toContain('build it');
  expect(text).toContain('built it');
  await untilQuiet();
  expect(alice.texts.filter((said) => said.includes(`#${id} done`))).toHaveLength(1);
});

test('a command that fails in the background is told with its exit code', async () => {
  const id = await runsInBackground('echo no such target; exit 3');
  expect((await alice.hears(`❌ Task #${id} failed (exit code 3)`)).text).toContain('no such target');
});

test('a command that the end of its node cut off is told, and runs again once, when its user wants that', async () => {
  const ledger = join(house.workingDir, 'ledger');
  const id = await runsInBackground('echo ran >> ledger; until test -e go; do sleep 0.1; done; echo deployed');
  await waitFor(() => runsIn(ledger) === 1, { what: 'the command to run' });
  await node.kill();
  node = await house.startNode();
  const question = await alice.hears(`⚠️ Task #${id} interrupted`);
  expect(question.text).toContain('Nothing was run again.');
  await untilQuiet();
  expect(alice.texts.filter((said) => said.includes(`#${id} interrupted`))).toHaveLength(1);
  expect(runsIn(ledger)).toBe(1);

  writeFileSync(join(house.workingDir, 'go'), '');
  await alice.press(question, `run_again:${id}`);
  const { text: started } = await alice.hears('⏳ Task #');
  const again = taskIn(started);
  expect(again).not.toBe(id);
  expect((await alice.hears(`✅ Task #${again} done (`)).text).toContain('deployed');
  expect(runsIn(ledger)).toBe(2);
});

/** The model runs it in the background; resolves to the id of the task, as its user reads it. */
async function runsInBackground(command: string): Promise<string> {
  mailboy.calls('run_background', { command, description: 'build it' });
  return taskIn((await alice.asks('build it, I am off for lunch', '⏳ Task #')).text);
}

function taskIn(text: string): string {
  const [, id] = /⏳ Task #([0-9a-z]{6}) started\. I'll notify you when it's done\./.exec(text) ?? [];
  if (id === undefined) throw new Error(`no task in ${text}`);
  return id;
}

function runsIn(ledger: string): number {
  try {
    return readFileSync(ledger, 'utf8').trimEnd().split('\n').length;
  } catch {
    return 0;
  }
}

async function untilQuiet(): Promise<void> {
  const isQuiet = async () => {
    const queue = (await house.health())?.queue;
    return queue?.inbox === 0 && queue.outbox === 0;
  };
  await waitFor(isQuiet, { what: 'every queue to be empty' });
}
