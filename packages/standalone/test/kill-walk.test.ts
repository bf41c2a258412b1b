import { journeySteps } from '@phonework/shared/journey';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';

const stepsOnNode: ReadonlySet<string> = new Set([
  'forward.stored',
  'forward.acked',
  'turn.started',
  'turn.finished',
  'response.stored',
  'response.sent',
]);

/** Feishu's patience and its schedule of redelivery, shortened. */
const feishu = { ackTimeoutMs: 500, redeliverAfterMs: [300, 300, 300, 300] };

/** A restart on a busy machine is no absence to tell of. */
const keyring = { NODE_OFFLINE_GRACE_S: 60 };

test.each(journeySteps)(
  'a message is answered exactly once when its program is killed right after %s',
  async (step) => {
    await using house = await startHouse({ feishu, keyring });
    house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
    const killed = await startWithKill(house, step);
    house.feishu.say({ openId: 'ou_alice', text: 'first' });
    expect((await killed.ended()).signal).toBe('SIGKILL');
    house.feishu.say({ openId: 'ou_alice', text: 'second' });
    await (stepsOnNode.has(step) ? house.startNode() : house.startRouter());
    await waitFor(() => house.textsTo('ou_alice').length >= 2, {
      what: `two answers after ${step}`,
      timeoutMs: 15_000,
    });
    await waitFor(() => isQuiet(house), { what: 'every event to be acknowledged and every queue to be empty' });
    expect([...house.textsTo('ou_alice')].sort()).toEqual(['re: first', 're: second']);
  },
);

test.each(['turn.started', 'forward.stored', 'reply.stored'])(
  'standalone, killed right after %s, answers exactly once after its next start',
  async (step) => {
    await using house = await startHouse({ feishu, keyring, standalone: true });
    house.model.answerWith(({ body }) => `re: ${body.messages.at(-1)?.content ?? ''}`);
    const killed = await house.startStandalone({ PHONEWORK_KILL_AT: step });
    await house.connected();
    house.feishu.say({ openId: 'ou_alice', text: 'first' });
    expect((await killed.ended()).signal).toBe('SIGKILL');
    await house.startStandalone();
    await waitFor(() => house.textsTo('ou_alice').length >= 1, { what: `an answer after ${step}`, timeoutMs: 15_000 });
    await waitFor(() => isQuiet(house), { what: 'every queue to be empty' });
    expect(house.textsTo('ou_alice')).toEqual(['re: first']);
  },
);

test('a shell command that was running when the node was killed is reported, and not run again', async () => {
  await using house = await startHouse({ feishu, keyring, hostConfig: { SHELL_POLICY: 'auto' } });
  await house.startRouter();
  const node = await house.startNode();
  await house.connected();
  house.model.answerWith(({ body }) =>
    body.messages.at(-1)?.role === 'user'
      ? { toolCalls: [{ name: 'run_shell', arguments: { command: 'echo ran >> ledger; sleep 30' } }] }
      : 'done',
  );
  house.feishu.say({ openId: 'ou_alice', text: 'do it' });
  const { existsSync, readFileSync } = await import('node:fs');
  const ledger = `${house.workingDir}/ledger`;
  await waitFor(() => existsSync(ledger), { what: 'the command to run' });
  await node.kill();
  await house.startNode();
  const [text] = await waitFor(() => {
    const texts = house.textsTo('ou_alice');
    return texts.length > 0 && texts;
  });
  expect(text).toContain('interrupted');
  expect(text).toContain('echo ran >> ledger');
  expect(readFileSync(ledger, 'utf8')).toBe('ran\n');
});

async function startWithKill(house: House, step: string) {
  const kill = { PHONEWORK_KILL_AT: step };
  const [router, node] = await Promise.all([
    house.startRouter(stepsOnNode.has(step) ? {} : kill),
    house.startNode(stepsOnNode.has(step) ? kill : {}),
  ]);
  await house.connected();
  return stepsOnNode.has(step) ? node : router;
}

async function isQuiet(house: House): Promise<boolean> {
  const health = await house.health();
  const acked = new Set(house.feishu.deliveries.filter(({ ackCode }) => ackCode === 200).map(({ eventId }) => eventId));
  const events = new Set(house.feishu.deliveries.map(({ eventId }) => eventId));
  return health?.queue?.inbox === 0 && health.queue.outbox === 0 && acked.size === events.size;
}
