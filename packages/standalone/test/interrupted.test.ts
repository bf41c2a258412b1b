import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FeishuMessage } from '@phonework/testkit/feishu-server';
import type { House, Program } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { Phone } from './claude/phone.ts';

/** For a machine that does much else at the same time: programs die and start again here. */
const patienceMs = 30_000;
const testTimeoutMs = 120_000;

const command = 'echo ran >> ledger; echo step one; until test -e go; do sleep 0.1; done; echo deployed';

/** A house whose node runs a command that was asked for, and does not come to its end. */
class BusyHouse {
  readonly house: House;
  readonly alice: Phone;
  readonly #isStandalone: boolean;
  #program: Program;

  static async start(message: string, { standalone = false } = {}): Promise<BusyHouse> {
    // A restart on a busy machine is no absence to tell of.
    const keyring = { NODE_OFFLINE_GRACE_S: 60, SHELL_POLICY: 'auto' };
    const house = await startHouse({ standalone, keyring, hostConfig: { SHELL_POLICY: 'auto' } });
    if (!standalone) await house.startRouter();
    const busy = new BusyHouse(house, standalone ? await house.startStandalone() : await house.startNode(), standalone);
    await house.connected();
    house.model.answerWith(({ body }) => {
      const last = body.messages.at(-1);
      return last?.role === 'user' ? { toolCalls: [{ name: 'run_shell', arguments: { command } }] } : 'It is deployed.';
    });
    busy.alice.say(message);
    await waitFor(() => busy.runs === 1 && busy.lastOutputs.includes('step one\n'), {
      what: 'the command to run',
      timeoutMs: patienceMs,
    });
    return busy;
  }

  private constructor(house: House, program: Program, isStandalone: boolean) {
    this.house = house;
    this.alice = new Phone(house.feishu, 'ou_alice');
    this.#program = program;
    this.#isStandalone = isStandalone;
  }

  /** How often the command was begun. */
  get runs(): number {
    return readText(join(this.house.workingDir, 'ledger')).split('\n').length - 1;
  }

  /** What lies on the node's disk of commands that run. */
  get lastOutputs(): readonly string[] {
    const folder = join(this.house.folder, this.#isStandalone ? 'data' : 'node-data', 'last-outputs');
    return namesIn(folder).map((name) => readText(join(folder, name)));
  }

  /** The program dies, and is started again. Resolves to what Alice reads of it. */
  async crash(): Promise<FeishuMessage> {
    await this.#program.kill();
    await this.restart();
    return await this.alice.hears('I was interrupted while doing this');
  }

  async restart(): Promise<void> {
    this.#program = await (this.#isStandalone ? this.house.startStandalone() : this.house.startNode());
  }

  async stop(): Promise<void> {
    await this.#program.stop();
  }

  /** From now on the command comes to its end. */
  letGo(): void {
    writeFileSync(join(this.house.workingDir, 'go'), '');
  }

  async untilQuiet(): Promise<void> {
    const isQuiet = async () => {
      const queue = (await this.house.health())?.queue;
      return queue?.inbox === 0 && queue.outbox === 0;
    };
    await waitFor(isQuiet, { what: 'every queue to be empty', timeoutMs: patienceMs });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.house[Symbol.asyncDispose]();
  }
}

describe('a command that its program died with', { timeout: testTimeoutMs }, () => {
  test('is told with its last output; Retry runs it once more, however often it is pressed', async () => {
    await using busy = await BusyHouse.start('deploy it');
    const { alice, house } = busy;
    const told = await busy.crash();
    // As an old screen still shows it.
    const old = { ...told };
    expect(told.text).toContain(command.slice(0, 20));
    expect(told.text).toMatch(/may have finished or not; nothing was run again[\s\S]*Last output:[\s\S]*step one/);
    expect(busy.runs).toBe(1);
    busy.letGo();
    expect(await house.feishu.press('ou_alice', told, 'retry')).toMatchObject({ toast: { type: 'success' } });
    await alice.hears('It is deployed.');
    expect(await house.feishu.press('ou_alice', old, 'retry')).toMatchObject({
      toast: { type: 'warning', content: expect.stringContaining('Retry') },
    });
    await busy.untilQuiet();
    expect(busy.runs).toBe(2);
    expect(alice.texts.filter((text) => text.includes('It is deployed.'))).toHaveLength(1);
    expect(alice.texts.filter((text) => text.includes('interrupted'))).toHaveLength(1);
    await waitFor(() => busy.lastOutputs.length === 0, {
      what: 'the last outputs to be removed',
      timeoutMs: patienceMs,
    });
  });

  test('is told again when the Retry dies too, which runs again as well', async () => {
    await using busy = await BusyHouse.start('deploy it');
    const { alice } = busy;
    await alice.press(await busy.crash(), 'retry');
    await waitFor(() => busy.runs === 2 && busy.lastOutputs.includes('step one\n'), {
      what: 'the command to run again',
    });
    const told = await busy.crash();
    expect(told.text).toContain('step one');
    expect(busy.runs).toBe(2);
    busy.letGo();
    await alice.press(told, 'retry');
    await alice.hears('It is deployed.');
    await busy.untilQuiet();
    expect(busy.runs).toBe(3);
    expect(alice.texts.filter((text) => text.includes('It is deployed.'))).toHaveLength(1);
  });

  test('stays as it is after Dismiss, which says so, also typed', async () => {
    await using busy = await BusyHouse.start(`/shell ${command}`);
    const { alice } = busy;
    // As an old screen still shows it.
    const told = { ...(await busy.crash()) };
    expect(told.text).toContain('step one');
    await alice.asks('dismiss', 'Left as it is.');
    await busy.untilQuiet();
    expect(busy.runs).toBe(1);
    expect(await busy.house.feishu.press('ou_alice', told, 'retry')).toMatchObject({ toast: { type: 'warning' } });
  });

  test('is told with its last output, and with both buttons, when the program was stopped in good order', async () => {
    await using busy = await BusyHouse.start('deploy it');
    await busy.stop();
    await busy.restart();
    const told = await busy.alice.hears('I was interrupted while doing this');
    expect(told.text).toMatch(/Last output:[\s\S]*step one/);
    busy.letGo();
    await busy.alice.press(told, 'retry');
    await busy.alice.hears('It is deployed.');
    expect(busy.runs).toBe(2);
  });
});

test('standalone tells of the command that it died with, and runs it again when that is asked for', {
  timeout: testTimeoutMs,
}, async () => {
  await using busy = await BusyHouse.start('deploy it', { standalone: true });
  const told = await busy.crash();
  expect(told.text).toContain('step one');
  expect(busy.runs).toBe(1);
  busy.letGo();
  await busy.alice.press(told, 'retry');
  await busy.alice.hears('It is deployed.');
  await busy.untilQuiet();
  expect(busy.runs).toBe(2);
});

/** Empty where there is no such file. */
function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
