import { setTimeout as delay } from 'node:timers/promises';
import type { House } from '@phonework/testkit/house';
import { startHouse } from '@phonework/testkit/house';
import { waitFor } from '@phonework/testkit/wait';
import type { Figure } from '../figure.ts';
import { atMost } from '../figure.ts';
import { forbiddenFrames, hostileAnswers, hostileFrames, hostileLines } from '../hostile.ts';
import { PauseProbe } from '../pauses.ts';
import { BenchProcess } from '../processes.ts';
import { spread } from '../statistics.ts';
import { WireNode } from '../wire-node.ts';

const BURST = 10_000;

/** An answer is over when Feishu was not called for so long: what Feishu takes in a chat comes 200 ms apart. */
const QUIET_MS = 200;

/** Talks to the real node; the others to one that says what it is told to. */
const ALICE = 'ou_alice';
const GUESTS = Array.from({ length: 20 }, (_, index) => `ou_guest${index}`);

type Setting = { readonly house: House; readonly guestNode: WireNode };

/** What a process has to bear. Resolves when it is over. */
type Trial = {
  readonly name: string;
  readonly of: 'router' | 'node';
  readonly run: (setting: Setting) => Promise<void>;
};

const trials: readonly Trial[] = [
  { name: 'the first scrape of /metrics', of: 'router', run: scrape },
  { name: 'frames of 1 MB', of: 'router', run: sendFrames },
  { name: 'frames of 1 MB that are none', of: 'router', run: sendForbiddenFrames },
  { name: 'answers of 300,000 characters', of: 'router', run: showAnswers },
  { name: 'the first turn', of: 'node', run: answerShortly },
  { name: 'a model that answers 300,000 characters', of: 'node', run: answerAtLength },
  { name: 'command lines of 20 KB', of: 'node', run: judgeLines },
  { name: `${BURST.toLocaleString('en')} messages at once`, of: 'router', run: burst },
];

/** The longest that an event loop computed without a pause, beside that of an idle process at the same time. */
export async function pauseFigures(runs: number): Promise<Figure[]> {
  const samples = trials.map(() => ({ ours: [] as number[], floor: [] as number[] }));
  for (let run = 0; run < runs; run += 1) {
    const worst = await measureHouse();
    for (const [index, { ours, floor }] of worst.entries()) {
      samples[index]?.ours.push(ours);
      samples[index]?.floor.push(floor);
    }
  }
  return trials.map(({ name, of }, index) => ({
    name: `longest pause of the ${of}: ${name}`,
    unit: 'ms',
    ours: spread(samples[index]?.ours ?? []),
    floor: spread(samples[index]?.floor ?? []),
    floorName: 'fastify + ws, idle meanwhile',
    goal: atMost(20),
  }));
}

async function measureHouse(): Promise<{ readonly ours: number; readonly floor: number }[]> {
  await using house = await startHouse({
    logLevel: 'warn',
    users: [ALICE, ...GUESTS],
    hostConfig: { SERVES_USERS: [ALICE], SHELL_POLICY: 'read-only' },
  });
  using routerProbe = new PauseProbe();
  using nodeProbe = new PauseProbe();
  using floorProbe = new PauseProbe();
  const probes = { router: routerProbe, node: nodeProbe, floor: floorProbe };
  const router = await house.startRouter(routerProbe.environment);
  const node = await house.startNode(nodeProbe.environment);
  const floor = BenchProcess.spawn('floors/router', ['', '', ''], floorProbe.environment);
  await floor.firstLine();
  await house.connected();
  using guestNode = await WireNode.connect(house, { nodeId: 'guest-pc', users: GUESTS });
  const processes = { router, node };
  const worst: { ours: number; floor: number }[] = [];
  for (const { of, run } of trials) {
    await Promise.all([probes[of].take(processes[of].pid), probes.floor.take(floor.pid)]);
    await run({ house, guestNode });
    const [ours, idle] = await Promise.all([probes[of].take(processes[of].pid), probes.floor.take(floor.pid)]);
    worst.push({ ours: ours.longestMs, floor: idle.longestMs });
  }
  await floor.kill();
  return worst;
}

async function scrape({ house }: Setting): Promise<void> {
  await (await fetch(`${house.url}/metrics`)).text();
  await delay(100);
}

async function sendFrames({ guestNode }: Setting): Promise<void> {
  for (const frame of hostileFrames) {
    guestNode.send(frame);
    await delay(200);
  }
  guestNode.send({ type: 'status', sessions: [], tasks: 0 });
}

async function sendForbiddenFrames({ house }: Setting): Promise<void> {
  for (const [index, frame] of forbiddenFrames.entries()) {
    using node = await WireNode.connect(house, { nodeId: `broken-pc${index}`, users: [] });
    node.send(frame);
    await delay(200);
  }
}

async function showAnswers({ house, guestNode }: Setting): Promise<void> {
  const { feishu } = house;
  for (const [kind, answer] of Object.entries(hostileAnswers)) {
    guestNode.answer = () => answer;
    await until(house, () => feishu.say({ openId: GUESTS[0] ?? '', text: kind }));
  }
}

async function answerShortly({ house }: Setting): Promise<void> {
  house.model.enqueue('hello');
  await until(house, () => house.feishu.say({ openId: ALICE, text: 'hello' }));
}

async function answerAtLength({ house }: Setting): Promise<void> {
  for (const [kind, text] of Object.entries(hostileAnswers)) {
    house.model.enqueue({ text });
    await until(house, () => house.feishu.say({ openId: ALICE, text: kind }));
    // The next turn is not about reading all of that again.
    await until(house, () => house.feishu.say({ openId: ALICE, text: '/clear' }));
  }
}

async function judgeLines({ house }: Setting): Promise<void> {
  for (const command of hostileLines) {
    house.model.enqueue({ toolCalls: [{ name: 'run_shell', arguments: { command } }] }, 'done');
    await until(house, () => house.feishu.say({ openId: ALICE, text: 'run it' }));
  }
}

async function burst({ house, guestNode }: Setting): Promise<void> {
  const { feishu } = house;
  guestNode.answer = ({ text }) => text;
  const { acknowledged } = guestNode;
  for (let index = 0; index < BURST; index += 1) {
    feishu.say({ openId: GUESTS[index % GUESTS.length] ?? '', text: `message ${index}` });
    // All at once for the router; the other end of the socket is this process.
    if (index % 100 === 0) await delay(0);
  }
  const what = 'the messages to be with their node';
  await waitFor(() => guestNode.acknowledged - acknowledged >= BURST, { timeoutMs: 120_000, what });
}

/** Until the bot has answered, and said everything that it says to it. */
async function until({ feishu }: House, act: () => void): Promise<void> {
  const before = feishu.sentCount;
  act();
  await waitFor(() => feishu.sentCount > before, { timeoutMs: 60_000, what: 'an answer' });
  for (let calls = -1; calls !== feishu.calls.length; ) {
    calls = feishu.calls.length;
    await delay(QUIET_MS);
  }
}
