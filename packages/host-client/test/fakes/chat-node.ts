import { newId } from '@phonework/shared/id';
import type { ForwardResponse } from '@phonework/shared/protocol';
import type { Session } from '../../src/sessions/session-store.ts';
import type { FakeAgent } from './fake-agent.ts';
import { NodeDesk } from './node-desk.ts';
import type { SessionNodeOptions } from './session-node.ts';
import { SessionNode } from './session-node.ts';

/** A node as its users see it: they type, and read. Its commands and sessions are real, its mailboy is the test's. */
export class ChatNode {
  readonly node: SessionNode;
  readonly desk: NodeDesk;

  static async open(options: SessionNodeOptions = {}): Promise<ChatNode> {
    const node = await SessionNode.open(options);
    return new ChatNode(node, await NodeDesk.over(node.disk, { sessions: node }));
  }

  private constructor(node: SessionNode, desk: NodeDesk) {
    this.node = node;
    this.desk = desk;
    // A command or a session answers; what is left is for the mailboy.
    desk.answerWith = (turn) =>
      turn.text.startsWith('/') || node.room.manager.talksTo(turn.userId) === 'session'
        ? desk.answering.answer(turn)
        : Promise.resolve({ reply: `mailboy: ${turn.text}` });
  }

  /** Sends a message; resolves to its id when it is stored. */
  async send(text: string, userId = 'alice'): Promise<string> {
    const id = newId();
    await this.desk.say(id, { text, userId });
    return id;
  }

  /** Sends a message; resolves to its answer. */
  async say(text: string, userId = 'alice'): Promise<ForwardResponse> {
    return await this.node.answer(await this.send(text, userId));
  }

  /** Sends a message; resolves to what is read as its answer. */
  async read(text: string, userId = 'alice'): Promise<string> {
    const { reply, error } = await this.say(text, userId);
    return [reply, error].filter(Boolean).join('\n\n');
  }

  /** Opens a session with /new, and talks to it from then on. */
  async direct(name = 'app', userId = 'alice'): Promise<Session> {
    await this.say(`/new ${name}`, userId);
    await this.say('/direct', userId);
    const session = this.node.room.manager.active(userId);
    if (session === undefined) throw new Error('/new opened nothing');
    return session;
  }

  /** A message that a session works on now, and the process that does. */
  async working(session: Session, text = 'do it'): Promise<{ readonly id: string; readonly agent: FakeAgent }> {
    const id = await this.send(text, session.userId);
    const agent = await this.node.runner.of(session.conversationId);
    await agent.told(text);
    agent.begin();
    return { id, agent };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.desk.desk.stop(0);
    await this.node[Symbol.asyncDispose]();
  }
}
