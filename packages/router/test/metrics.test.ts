import { createRequire } from 'node:module';
import { ModelServer } from '@phonework/testkit/model-server';
import { waitFor } from '@phonework/testkit/wait';
import { fastify } from 'fastify';
import { expect, test } from 'vitest';
import { ChatError } from '../src/bot/chat-channel.ts';
import type { Readings } from '../src/metrics/readings.ts';
import { Tally } from '../src/metrics/tally.ts';
import { metrics } from '../src/metrics.ts';
import { FakeChat } from './fakes/fake-chat.ts';
import { homePc } from './fakes/raw-node.ts';
import { SECRET, TestRouter } from './fakes/test-router.ts';

const TOKEN = 'the-token-of-the-scraper';

/** Of a router where nothing is. */
const quiet: Readings = {
  nodes: () => [],
  queues: () => ({ forwards: 0, node_outbox: 0, chat_outbox: 0 }),
  channels: () => [],
  storeWritable: () => true,
};

/** The text of a scrape that was let in. */
async function scrape(router: TestRouter): Promise<string> {
  const response = await fetch(`${router.url}/metrics`);
  expect(response.status).toBe(200);
  return await response.text();
}

/** The value of one series, such as `phonework_nodes_online` or `a{b="c"}`; undefined where there is none. */
function readSeries(text: string, series: string): number | undefined {
  const line = text.split('\n').find((candidate) => candidate.startsWith(`${series} `));
  return line === undefined ? undefined : Number(line.slice(series.length + 1));
}

test('a program on the same machine reads the metrics without a token, in the format of Prometheus', async () => {
  await using router = await TestRouter.start();
  const response = await fetch(`${router.url}/metrics`);
  expect(response.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
  const lines = (await response.text()).split('\n').filter((line) => line !== '');
  for (const line of lines) {
    expect(line).toMatch(
      /^(# HELP [a-z_0-9]+ .+|# TYPE [a-z_0-9]+ (counter|gauge|histogram)|[a-z_0-9]+(\{.+\})? \S+)$/,
    );
  }
  expect(lines).toContain(`phonework_build_info{version="0.1.0",node_version="${process.version}"} 1`);
  const text = lines.join('\n');
  expect(readSeries(text, 'process_resident_memory_bytes')).toBeGreaterThan(10_000_000);
  expect(readSeries(text, 'process_cpu_seconds_total')).toBeGreaterThan(0);
  expect(readSeries(text, 'process_start_time_seconds')).toBeCloseTo(performance.timeOrigin / 1000, -1);
  expect(readSeries(text, 'phonework_store_writable')).toBe(1);
  expect(readSeries(text, 'phonework_channel_connected{channel="feishu"}')).toBe(1);
});

test.each([
  { who: 'a program on this machine', from: '127.0.0.1', headers: {}, status: 200 },
  { who: 'one that comes over IPv6', from: '::1', headers: {}, status: 200 },
  { who: 'one that comes over IPv4 to an IPv6 socket', from: '::ffff:127.0.0.1', headers: {}, status: 200 },
  { who: 'another machine', from: '203.0.113.7', headers: {}, status: 401 },
  { who: 'another machine over IPv6', from: '::ffff:203.0.113.7', headers: {}, status: 401 },
  { who: 'another machine with the token', from: '203.0.113.7', token: TOKEN, status: 200 },
  { who: 'another machine with a wrong token', from: '203.0.113.7', token: `${TOKEN}x`, status: 401 },
  { who: 'another machine with an empty token', from: '203.0.113.7', token: '', status: 401 },
  { who: 'a visitor of a proxy here', from: '127.0.0.1', headers: { 'x-forwarded-for': '203.0.113.7' }, status: 401 },
  { who: 'a visitor who names this machine', from: '127.0.0.1', headers: { 'x-forwarded-for': '::1' }, status: 401 },
  { who: 'a visitor of a newer proxy', from: '127.0.0.1', headers: { forwarded: 'for=203.0.113.7' }, status: 401 },
  {
    who: "a visitor of nginx's usual setting",
    from: '127.0.0.1',
    headers: { 'x-real-ip': '203.0.113.7' },
    status: 401,
  },
  {
    who: 'a scraper behind a proxy, with the token',
    from: '127.0.0.1',
    headers: { 'x-forwarded-for': '203.0.113.7' },
    token: TOKEN,
    status: 200,
  },
])('$who gets $status', async ({ from, headers = {}, token, status }) => {
  const response = await request({ token: TOKEN, from, headers, shown: token });
  expect(response.statusCode).toBe(status);
  expect(response.body.includes('phonework_nodes_known')).toBe(status === 200);
});

test('without a METRICS_TOKEN no other machine gets in, whatever it shows', async () => {
  for (const shown of [undefined, '', 'undefined', TOKEN]) {
    const response = await request({ token: undefined, from: '203.0.113.7', headers: {}, shown });
    expect(response.statusCode).toBe(401);
    expect(response.headers['www-authenticate']).toBe('Bearer');
    expect(response.body).toContain('METRICS_TOKEN');
  }
});

/** A request as it comes from the address `from`. */
async function request(options: {
  readonly token: string | undefined;
  readonly from: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly shown: string | undefined;
}) {
  await using app = fastify();
  await app.register(metrics, {
    token: options.token,
    tally: new Tally(),
    readings: quiet,
  });
  const authorization = options.shown === undefined ? {} : { authorization: `Bearer ${options.shown}` };
  return await app.inject({
    url: '/metrics',
    remoteAddress: options.from,
    headers: { ...options.headers, ...authorization },
  });
}

test('the token of the configuration is the one that counts', async () => {
  await using router = await TestRouter.start({ config: { metricsToken: TOKEN } });
  const through = { 'x-forwarded-for': '203.0.113.7' };
  const ask = async (token: string) =>
    (await fetch(`${router.url}/metrics`, { headers: { ...through, authorization: `Bearer ${token}` } })).status;
  expect(await ask(SECRET)).toBe(401);
  expect(await ask(TOKEN)).toBe(200);
});

test('one message shows in the frames, the queues, the latency and the sends', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  await router.chat.say('what time is it?');
  const forward = await node.take();

  const before = await scrape(router);
  expect(readSeries(before, 'phonework_nodes_online')).toBe(1);
  expect(readSeries(before, 'phonework_queue_depth{queue="forwards"}')).toBe(1);
  expect(readSeries(before, 'phonework_forward_latency_seconds_count')).toBe(0);

  node.send({ type: 'forward_response', id: forward.id, reply: 'half past nine' });
  await router.chat.untilShown(1);
  await node.next('ack');

  const after = await scrape(router);
  expect(readSeries(after, 'phonework_node_frames_total{direction="in",type="register"}')).toBe(1);
  expect(readSeries(after, 'phonework_node_frames_total{direction="out",type="registered"}')).toBe(1);
  expect(readSeries(after, 'phonework_node_frames_total{direction="out",type="forward"}')).toBe(1);
  expect(readSeries(after, 'phonework_node_frames_total{direction="in",type="ack"}')).toBe(1);
  expect(readSeries(after, 'phonework_node_frames_total{direction="in",type="forward_response"}')).toBe(1);
  expect(readSeries(after, 'phonework_node_frames_total{direction="out",type="ack"}')).toBe(1);
  expect(readSeries(after, 'phonework_queue_depth{queue="forwards"}')).toBe(0);
  expect(readSeries(after, 'phonework_forward_latency_seconds_count')).toBe(1);
  expect(readSeries(after, 'phonework_forward_latency_seconds_bucket{le="10"}')).toBe(1);
  expect(readSeries(after, 'phonework_chat_sends_total{channel="feishu",outcome="accepted"}')).toBe(1);
  expect(await scrape(router)).toContain('phonework_forward_latency_seconds_count 1\n');
});

test('answers are counted in the bucket of how long they took, also those of before the first scrape', async () => {
  const tally = new Tally();
  for (const tookMs of [3, 25, 26, 200, 240, 86_400_001, -5]) tally.forwards.add(tookMs);
  await using app = fastify();
  await app.register(metrics, {
    token: undefined,
    tally,
    readings: quiet,
  });
  const { body: first } = await app.inject('/metrics');
  tally.forwards.add(30);
  const { body: second } = await app.inject('/metrics');
  const bucket = (text: string, le: string) => readSeries(text, `phonework_forward_latency_seconds_bucket{le="${le}"}`);
  expect(['0.025', '0.05', '0.1', '0.25', '86400', '+Inf'].map((le) => bucket(first, le))).toEqual([3, 4, 4, 6, 6, 7]);
  expect(readSeries(first, 'phonework_forward_latency_seconds_sum')).toBeCloseTo(86_400.495, 3);
  expect(['0.025', '0.05', '+Inf'].map((le) => bucket(second, le))).toEqual([3, 5, 8]);
});

test('nodes that went are known and not online, and what waits for them is in the queues', async () => {
  await using router = await TestRouter.start();
  const node = await router.connectNode();
  node[Symbol.dispose]();
  await router.untilNode('home-pc', 'offline');
  await router.chat.say('are you there?');
  const text = await scrape(router);
  expect(readSeries(text, 'phonework_nodes_known')).toBe(1);
  expect(readSeries(text, 'phonework_nodes_online')).toBe(0);
  expect(readSeries(text, 'phonework_queue_depth{queue="forwards"}')).toBe(1);
  expect(readSeries(text, 'phonework_queue_depth{queue="node_outbox"}')).toBe(1);
});

test('sends are counted by what became of them', async () => {
  const chat = new FakeChat();
  const fates = [
    new ChatError('rate_limited', 'Wait.', { retryAfterMs: 1 }),
    new Error('no ChatError at all'),
    new ChatError('refused', 'No.'),
  ];
  chat.onSend = () => {
    const fate = fates.shift();
    if (fate !== undefined) throw fate;
  };
  await using router = await TestRouter.start({ chat });
  await chat.say('/help');
  await chat.untilShown(1);
  const text = await waitFor(async () => {
    const scraped = await scrape(router);
    return readSeries(scraped, 'phonework_queue_depth{queue="chat_outbox"}') === 0 && scraped;
  });
  const sends = (outcome: string) =>
    readSeries(text, `phonework_chat_sends_total{channel="feishu",outcome="${outcome}"}`);
  expect(['rate_limited', 'unavailable', 'refused', 'accepted'].map(sends)).toEqual([1, 1, 1, 1]);
});

test('frames that break the protocol are counted, and those of an unknown type', async () => {
  await using router = await TestRouter.start();
  using node = await router.connectNode();
  node.send({ type: 'hologram', anything: 1 });
  node.send('this is no JSON');
  await node.untilClosed();
  using stranger = await router.connect();
  stranger.send({ type: 'pong' });
  await stranger.untilClosed();
  const text = await scrape(router);
  expect(readSeries(text, 'phonework_node_frames_total{direction="in",type="unknown"}')).toBe(1);
  expect(readSeries(text, 'phonework_node_frames_total{direction="in",type="broken"}')).toBe(2);
});

test('calls of the routing model are counted by what became of them', async () => {
  await using model = await ModelServer.start();
  const config = { model: { baseUrl: model.url, apiKey: 'a-key-of-the-tests', model: 'a-model' } };
  await using router = await TestRouter.start({ config });
  await router.connectNode();
  await router.connectNode({ node_id: 'work-server', instance_id: 'instance-2' });
  model.enqueue({ toolCalls: [{ name: 'route_to', arguments: { node_id: 'work-server' } }] });
  model.enqueue({ status: 401 });
  await router.chat.say('look after the thing there');
  await router.chat.say('and now the other thing');
  const text = await waitFor(async () => {
    const scraped = await scrape(router);
    return readSeries(scraped, 'phonework_routing_model_calls_total{outcome="unauthorized"}') === 1 && scraped;
  });
  expect(readSeries(text, 'phonework_routing_model_calls_total{outcome="answered"}')).toBe(1);
});

test('no label tells who talks, where, about what, or a secret', async () => {
  await using router = await TestRouter.start({ config: { metricsToken: TOKEN } });
  using node = await router.connectNode();
  const asked = await router.chat.say('the weather in Ulm');
  const forward = await node.answer('sunny in Ulm');
  await router.chat.untilShown(1);
  const text = await scrape(router);
  const { node_id, display_name, instance_id, working_dir } = homePc;
  const private_ = [asked.userId, asked.chatId, asked.id, forward.id, 'Ulm', SECRET, TOKEN];
  for (const word of [...private_, node_id, display_name, instance_id, working_dir]) expect(text).not.toContain(word);
});

test('a first scrape loads of the metrics library only what it needs, and nothing that takes long', async () => {
  await using router = await TestRouter.start();
  await scrape(router);
  const loaded = Object.keys(createRequire(import.meta.url).cache);
  expect(loaded.filter((path) => path.includes('/prom-client/lib/counter.js'))).toHaveLength(1);
  expect(
    loaded.filter((path) => /@opentelemetry\/api\/|prom-client\/(index|lib\/(cluster|pushgateway))\.js/.test(path)),
  ).toEqual([]);
});

test('a blocked event loop shows in the next scrape, and is over in the one after', async () => {
  await using router = await TestRouter.start();
  const longest = async () => readSeries(await scrape(router), 'nodejs_eventloop_lag_max_seconds') ?? Number.NaN;
  expect(await longest()).toBe(0);
  const blockedFor = await waitFor(async () => {
    // The monitor's clock starts with the first of its looks after a scrape.
    for (let time = 0; time < 2; time += 1) {
      const end = performance.now() + 60;
      while (performance.now() < end);
      await new Promise((resolve) => setTimeout(resolve));
    }
    const seconds = await longest();
    return seconds > 0.04 && seconds;
  });
  expect(blockedFor).toBeLessThan(10);
  await waitFor(async () => (await longest()) < 0.04);
});

test('an idle event loop is not late, although it is only looked at each 10 ms', async () => {
  await using router = await TestRouter.start();
  await scrape(router);
  await waitFor(async () => {
    // A few looks, so that there is a median.
    for (let time = 0; time < 5; time += 1) await new Promise((resolve) => setTimeout(resolve, 10));
    const seconds = readSeries(await scrape(router), 'nodejs_eventloop_lag_p50_seconds') ?? 0;
    return seconds > 0.000_01 && seconds < 0.009;
  });
});
