import type { ModelReply, ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import type { OutgoingMessage } from '../../src/bot/chat-channel.ts';
import type { RouterConfig } from '../../src/config.ts';
import type { FakeChat } from '../fakes/fake-chat.ts';
import type { RawNode } from '../fakes/raw-node.ts';
import type { TestRouter } from '../fakes/test-router.ts';

/** What makes a registered node Alice's second and third one. */
export const workServer = { node_id: 'work-server', display_name: 'The office box', instance_id: 'instance-2' };
export const labBox = { node_id: 'lab-box', display_name: '', instance_id: 'instance-3' };

/** Configuration of a router whose routing model is `server`. */
export function routedBy(server: ModelServer): Pick<RouterConfig, 'model'> {
  return { model: { baseUrl: server.url, apiKey: 'key-of-the-tests', model: 'routing' } };
}

export function routeTo(nodeId: string): ModelReply {
  return { toolCalls: [{ name: 'route_to', arguments: { node_id: nodeId } }] };
}

/** A model that answers when the test lets it. */
export function gatedModel(reply: ModelReply) {
  const { promise, resolve } = Promise.withResolvers<void>();
  const brain = async (): Promise<ModelReply> => {
    await promise;
    return reply;
  };
  return { brain, open: resolve };
}

/** A node's socket is gone, and the router knows it. */
export async function leave(router: TestRouter, node: RawNode, nodeId: string): Promise<void> {
  node.socket.terminate();
  await router.untilNode(nodeId, 'offline');
}

/** The message whose text holds `part`, once it is shown. */
export async function shown(chat: FakeChat, part: string): Promise<OutgoingMessage> {
  return await waitFor(() => chat.shown.find(({ text }) => text.includes(part)), {
    what: `a message with "${part}" (there are ${JSON.stringify(chat.shown.map(({ text }) => text))})`,
  });
}

/** The ids of the buttons under a message. */
export function buttons({ actions }: OutgoingMessage): string[] {
  return (actions ?? []).map(({ id }) => id);
}

/** What a node was asked so far. */
export function asked(node: RawNode): string[] {
  return node.all('forward').map(({ text }) => text);
}

/** The node says which sessions it has, and the router has heard it. */
export async function setSessions(router: TestRouter, node: RawNode, nodeId: string, names: readonly string[]) {
  const sessions = names.map((name, index) => ({ id: `session-${index}`, name, state: 'idle' }));
  node.send({ type: 'status', sessions, tasks: 0 });
  await waitFor(async () => {
    const { nodes } = (await router.health()).body;
    return nodes.some((each) => each.node_id === nodeId && each.sessions === names.length);
  });
}
