import { waitFor } from '@phonework/testkit/wait';
import { describe, expect, test } from 'vitest';
import { AgentError } from '../../src/sessions/agent-runner.ts';
import { SessionNode } from '../fakes/session-node.ts';

describe('what a session may do without asking', () => {
  test('holds for a process that was just starting when it was chosen', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    const { promise: isUp, resolve: handOut } = Promise.withResolvers<void>();
    node.runner.handsOutAfter = isUp;
    await node.room.manager.setMode(session, 'bypassPermissions');
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    expect(agent.begun.mode).toBe('bypassPermissions');
    await node.room.manager.setMode(session, 'default');
    handOut();
    await agent.got();
    expect(agent.modes).toEqual(['default']);
  });

  test('is taken in by a process that refuses the model of the session', async () => {
    await using node = await SessionNode.open();
    const session = await node.session();
    await node.tell(session, 'm1');
    const agent = await node.runner.agent();
    await agent.got();
    agent.modelRefusal = new AgentError('refused', 'There is no such model.');
    await node.room.manager.setModel(session, 'gpt-0');
    await node.room.manager.setMode(session, 'plan');
    expect(agent.modes.at(-1)).toBe('plan');
    agent.begin();
    agent.finish('did m1');
    await node.answer('m1');
    await node.tell(session, 'm2');
    await waitFor(() => node.runner.started.length === 2);
  });
});
