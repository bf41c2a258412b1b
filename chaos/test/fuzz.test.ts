import { expect, test } from 'vitest';
import { Peer } from '../fuzz/peer.ts';
import { runFuzz } from '../fuzz/run-fuzz.ts';
import { SECRET, SiegeRouter } from '../fuzz/siege-router.ts';

test('whatever comes in at any door, nobody crashes, hangs or fills up, and good peers are served afterwards', async () => {
  const lines: string[] = [];
  const reports = await runFuzz({ seed: 20_260_401, cases: 2000, report: (line) => lines.push(line) });
  expect(reports.reduce((sum, { cases }) => sum + cases, 0)).toBeGreaterThanOrEqual(2000);
  for (const { crashes, hangs, worstMs, rssGrowthMb } of reports) {
    expect({ crashes, hangs }, lines.join('\n')).toEqual({ crashes: 0, hangs: 0 });
    expect(worstMs).toBeLessThan(1000);
    expect(rssGrowthMb).toBeLessThan(200);
  }
}, 300_000);

test.each([
  ['that is no frame', '{"type":', 1008],
  ['with a wrong field', '{"type":"ack","id":7}', 1008],
  ['that is bytes', Buffer.from('{"type":"pong"}'), 1008],
  ['that is too big', 'x'.repeat(1024 * 1024 + 1), 1009],
])('a node that sends a frame %s is closed with a reason', async (_what, frame, code) => {
  await using house = await SiegeRouter.start({ events: 'webhook' });
  using node = await Peer.connect(house.router.nodeUrl, { headers: { authorization: `Bearer ${SECRET}` } });
  node.socket.send(JSON.stringify({ type: 'register', node_id: 'home-pc', protocol: 1, instance_id: '1' }));
  await node.hears('"registered"');
  node.socket.send(frame);
  const closing = await node.settled();
  expect(closing?.code).toBe(code);
  if (code === 1008) expect(closing?.reason).toMatch(/\w{4}/);
  expect(await house.isHealthy()).toBe(true);
});
