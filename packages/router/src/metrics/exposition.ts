/// <reference path="./prom-client-parts.d.ts" />
import type { ELDHistogram } from 'node:perf_hooks';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import Counter from 'prom-client/lib/counter.js';
import Gauge from 'prom-client/lib/gauge.js';
import Histogram from 'prom-client/lib/histogram.js';
import Registry from 'prom-client/lib/registry.js';
import manifest from '../../package.json' with { type: 'json' };
import type { Readings } from './readings.ts';
import type { Tally } from './tally.ts';

/** How often the event loop is asked whether it is late. */
const DELAY_RESOLUTION_MS = 10;

/** The text for Prometheus. Made at the first scrape, since a router that nobody asks needs none of it. */
export class Exposition {
  readonly #registry = new Registry();
  readonly #delay = monitorEventLoopDelay({ resolution: DELAY_RESOLUTION_MS });

  constructor(tally: Tally, readings: Readings) {
    this.#delay.enable();
    addCounters(this.#registry, tally);
    addReadings(this.#registry, readings);
    addProcess(this.#registry);
    addEventLoop(this.#registry, this.#delay);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  async text(): Promise<string> {
    const text = await this.#registry.metrics();
    this.#delay.reset();
    return text;
  }

  /** Closing twice is fine. */
  close(): void {
    this.#delay.disable();
  }
}

function addCounters(registry: Registry, { frames, sends, modelCalls, forwards }: Tally): void {
  const registers = [registry];
  new Counter({
    name: 'phonework_node_frames_total',
    help: 'Frames from nodes (in) and to nodes (out). Type "broken" closed its socket, "unknown" was ignored.',
    labelNames: ['direction', 'type'],
    registers,
    collect() {
      for (const { labels, times } of frames.take()) this.inc(labels, times);
    },
  });
  new Counter({
    name: 'phonework_chat_sends_total',
    help: 'Attempts to send a message to a chat. After "rate_limited" and "unavailable" the message is sent again.',
    labelNames: ['channel', 'outcome'],
    registers,
    collect() {
      for (const { labels, times } of sends.take()) this.inc(labels, times);
    },
  });
  new Counter({
    name: 'phonework_routing_model_calls_total',
    help: 'Calls of the model that picks a node.',
    labelNames: ['outcome'],
    registers,
    collect() {
      for (const { labels, times } of modelCalls.take()) this.inc(labels, times);
    },
  });
  new Histogram({
    name: 'phonework_forward_latency_seconds',
    help: 'From a message stored for a node until its answer is stored for the chat. A broadcast counts for each node.',
    buckets: forwards.boundsMs.map((ms) => ms / 1000),
    registers,
    collect() {
      for (const { meanMs, times } of forwards.take()) {
        for (let time = 0; time < times; time += 1) this.observe(meanMs / 1000);
      }
    },
  });
}

function addReadings(registry: Registry, readings: Readings): void {
  addGauge(registry, 'phonework_nodes_known', 'Nodes that ever registered.', () => readings.nodes().length);
  addGauge(
    registry,
    'phonework_nodes_online',
    'Nodes that are connected.',
    () => readings.nodes().filter(({ online }) => online).length,
  );
  addGauge(registry, 'phonework_store_writable', '0 when the database can not be written.', () =>
    Number(readings.storeWritable()),
  );
  new Gauge({
    name: 'phonework_queue_depth',
    help: 'Messages without an answer (forwards), frames a node has not taken, messages a chat has not taken.',
    labelNames: ['queue'],
    registers: [registry],
    collect() {
      for (const [queue, depth] of Object.entries(readings.queues())) this.set({ queue }, depth);
    },
  });
  new Gauge({
    name: 'phonework_channel_connected',
    help: '1 while the way in from a chat platform is open.',
    labelNames: ['channel'],
    registers: [registry],
    collect() {
      for (const { name, connected } of readings.channels()) this.set({ channel: name }, Number(connected));
    },
  });
}

function addProcess(registry: Registry): void {
  new Gauge({
    name: 'phonework_build_info',
    help: 'Always 1; the versions are its labels.',
    labelNames: ['version', 'node_version'],
    registers: [registry],
  }).set({ version: manifest.version, node_version: process.version }, 1);
  new Counter({
    name: 'process_cpu_seconds_total',
    help: 'Processor time, user and system.',
    registers: [registry],
    collect() {
      const { user, system } = process.cpuUsage();
      this.reset();
      this.inc((user + system) / 1_000_000);
    },
  });
  addGauge(registry, 'process_start_time_seconds', 'When the process began, since the epoch.', () =>
    Math.floor(performance.timeOrigin / 1000),
  );
  addGauge(registry, 'process_resident_memory_bytes', 'Resident memory.', () => process.memoryUsage.rss());
  addGauge(registry, 'nodejs_heap_size_used_bytes', 'JavaScript heap in use.', () => process.memoryUsage().heapUsed);
}

function addEventLoop(registry: Registry, delay: ELDHistogram): void {
  const add = (name: string, what: string, readNs: () => number) => {
    const help = `${what} delay of the event loop since the scrape before; measured from the first scrape on.`;
    // What is recorded is the time between two looks: the interval itself is no delay.
    addGauge(registry, name, help, () => Math.max(0, readNs() / 1e9 - DELAY_RESOLUTION_MS / 1000));
  };
  add('nodejs_eventloop_lag_p50_seconds', 'Median', () => delay.percentile(50));
  add('nodejs_eventloop_lag_p99_seconds', '99th percentile of the', () => delay.percentile(99));
  add('nodejs_eventloop_lag_max_seconds', 'Longest', () => delay.max);
}

function addGauge(registry: Registry, name: string, help: string, read: () => number): void {
  new Gauge({
    name,
    help,
    registers: [registry],
    collect() {
      this.set(read());
    },
  });
}
