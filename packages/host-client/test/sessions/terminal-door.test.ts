import { once } from 'node:events';
import { mkdirSync, rmSync, symlinkSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { createInterface } from 'node:readline';
import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { sessionCommandTexts } from '../../src/commands/session-command-texts.ts';
import { terminalAddress } from '../../src/sessions/terminal-address.ts';
import { terminalTexts } from '../../src/sessions/terminal-texts.ts';
import { turnTexts } from '../../src/sessions/turn-texts.ts';
import { ChatNode } from '../fakes/chat-node.ts';
import type { SessionNode } from '../fakes/session-node.ts';

/** Somebody at a terminal of the node's machine. */
class Knock {
  readonly #socket: Socket;
  readonly answers: Record<string, unknown>[] = [];

  constructor(node: SessionNode, session: string) {
    this.#socket = connect(terminalAddress(node.config.dataDir) ?? '');
    this.#socket.write(`${JSON.stringify({ session })}\n`);
    createInterface({ input: this.#socket }).on('line', (line) => this.answers.push(JSON.parse(line)));
  }

  async answer(kind: string): Promise<Record<string, unknown>> {
    return await waitFor(() => this.answers.find((answer) => answer.kind === kind), { what: `the answer ${kind}` });
  }

  async leave(): Promise<void> {
    this.#socket.destroy();
    if (!this.#socket.closed) await once(this.#socket, 'close');
  }
}

describe('a terminal that waits for a turn to end', () => {
  test('keeps nobody from stopping that turn', async () => {
    await using chat = await ChatNode.open();
    await chat.node.room.start();
    const { id, agent } = await chat.working(await chat.direct());
    const knock = new Knock(chat.node, 'app');
    await knock.answer('waiting');
    expect(await chat.read('/status')).toContain('**app** · working');
    expect(await chat.read('/stop')).toBe(sessionCommandTexts.stopping(['app']).en);
    expect(await chat.node.answerTo(id)).toBe(turnTexts.stopped.en);
    await knock.answer('ready');
    expect(agent.endings).toHaveLength(1);
    await knock.leave();
  });

  test('is the only one', async () => {
    await using chat = await ChatNode.open();
    await chat.node.room.start();
    const { agent } = await chat.working(await chat.direct());
    const first = new Knock(chat.node, 'app');
    await first.answer('waiting');
    const second = new Knock(chat.node, 'app');
    expect((await second.answer('error')).message).toBe(terminalTexts.taken('app'));
    agent.finish('did it');
    await first.answer('ready');
    for (const knock of [first, second]) await knock.leave();
  });
});

describe('a session is not given to a terminal', () => {
  test('while another program has its conversation open', async () => {
    await using chat = await ChatNode.open();
    await chat.node.room.start();
    const session = await chat.direct();
    chat.node.runner.owners.set(session.conversationId, 4711);
    const knock = new Knock(chat.node, 'app');
    expect((await knock.answer('error')).message).toBe(turnTexts.ownedElsewhere('app', 4711).en);
    await knock.leave();
    chat.node.runner.owners.clear();
    await chat.working(session);
  });

  test('when its folder lies outside by now', async () => {
    await using chat = await ChatNode.open();
    await chat.node.room.start();
    const { cwd } = await chat.direct();
    const outside = join(dirname(chat.node.workingDir), 'private');
    mkdirSync(outside);
    rmSync(cwd, { recursive: true });
    symlinkSync(outside, cwd);
    const knock = new Knock(chat.node, 'app');
    expect((await knock.answer('error')).message).toBe(turnTexts.folderOutside(cwd, chat.node.workingDir).en);
    await knock.leave();
  });
});

test('a session that was closed meanwhile is given back to nobody', async () => {
  await using chat = await ChatNode.open();
  await chat.node.room.start();
  await chat.direct();
  const knock = new Knock(chat.node, 'app');
  await knock.answer('ready');
  await chat.say('/close');
  await knock.leave();
  await chat.direct('other');
  expect(chat.node.messages.map(({ text }) => text)).not.toContain(turnTexts.backFromTerminal('app').en);
});
