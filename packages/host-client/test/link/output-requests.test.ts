import { existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Outbox } from '@phonework/shared/mail';
import { waitFor } from '@phonework/testkit/wait';
import { expect, test } from 'vitest';
import { OpenQuestions } from '../../src/approvals/open-questions.ts';
import { FileRoots } from '../../src/files/file-roots.ts';
import { FileDoor } from '../../src/link/file-door.ts';
import { FileUploads } from '../../src/link/file-uploads.ts';
import type { RouterParcel } from '../../src/link/node-client.ts';
import { ROUTER } from '../../src/link/node-client.ts';
import { OutputRequests } from '../../src/link/output-requests.ts';
import { put, RouterMail } from '../../src/link/router-mail.ts';
import { FileRouter } from '../fakes/file-router.ts';
import { NodeStore } from '../fakes/node-store.ts';
import { recordingLogger } from '../fakes/recording-logger.ts';

const { logger } = await recordingLogger();

const languageOf = (userId: string) => (userId === 'ou_ming' ? 'zh' : 'en');

/** The requests of one process over a real database; the files lie in the folder of the first. */
class Process {
  readonly disk: NodeStore;
  readonly requests: OutputRequests;
  readonly #uploads: FileUploads;
  readonly #outbox: Outbox<RouterParcel>;
  readonly #dataDir: string;

  constructor(router: FileRouter, disk = new NodeStore(), dataDir = disk.folder) {
    this.disk = disk;
    this.#dataDir = dataDir;
    const { store } = disk;
    mkdirSync(join(dataDir, 'outputs'), { recursive: true });
    mkdirSync(join(dataDir, 'code'), { recursive: true });
    this.#outbox = new Outbox(store, { box: 'router' });
    this.#uploads = new FileUploads({
      store,
      outbox: this.#outbox,
      folder: join(dataDir, 'outgoing'),
      door: new FileDoor({ routerUrl: router.url, secret: 'the-secret', nodeId: 'home-pc', idleMs: 500 }),
      timings: { minMs: 5, maxMs: 20 },
      languageOf,
      logger,
    });
    const roots = new FileRoots({ workingDir: join(dataDir, 'code'), dataDir, home: dataDir });
    const questions = new OpenQuestions(store, { send: (frame) => put(this.#outbox, frame), languageOf, logger });
    const mail = new RouterMail(this.#outbox, { questions, languageOf });
    this.requests = new OutputRequests({ store, mail, uploads: this.#uploads, roots, logger });
  }

  async start(): Promise<void> {
    await this.#uploads.start();
    this.requests.start();
  }

  write(id: string, text: string): string {
    const path = join(this.#dataDir, 'outputs', `${id}.txt`);
    writeFileSync(path, text);
    return path;
  }

  async ask(path: string, userId = 'ou_alice'): Promise<void> {
    await this.disk.store.write(() => this.requests.request({ userId, chatId: 'chat', path }));
  }

  /** What waits for the router's socket, in order. */
  get frames(): RouterParcel[] {
    const frames: RouterParcel[] = [];
    this.#outbox.attach(ROUTER, ({ body }) => frames.push(body), { window: 100 })();
    return frames;
  }

  get openRequests(): number {
    return Number(this.disk.store.prepare("SELECT count(*) AS n FROM outbox WHERE box <> 'router'").get()?.n);
  }

  async stop(): Promise<void> {
    await this.requests.stop();
    await this.#uploads.stop();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
    this.disk[Symbol.dispose]();
  }
}

test('an output that was asked for comes into the chat, and others after it in order', async () => {
  await using router = await FileRouter.start();
  await using node = new Process(router);
  await node.start();
  await node.ask(node.write('aaaaaa', 'all of it'));
  await node.ask(node.write('bbbbbb', 'all of that'));
  await waitFor(() => node.frames.length === 2, { what: 'both files' });
  expect(router.puts.map(({ bytes }) => bytes.toString())).toEqual(['all of it', 'all of that']);
  expect(node.frames).toMatchObject([
    { type: 'file', user_id: 'ou_alice', chat_id: 'chat', name: 'aaaaaa.txt', size: 9 },
    { type: 'file', user_id: 'ou_alice', chat_id: 'chat', name: 'bbbbbb.txt', size: 11 },
  ]);
  expect(node.openRequests).toBe(0);
});

test('one that was asked for before a crash is sent after the next start, once', async () => {
  await using router = await FileRouter.start();
  await using killed = new Process(router);
  await killed.ask(killed.write('aaaaaa', 'all of it'));
  await using next = new Process(router, killed.disk.afterCrash(), killed.disk.folder);
  await next.start();
  await waitFor(() => next.frames.length === 1, { what: 'the file' });
  await next.stop();

  await using last = new Process(router, next.disk.afterCrash(), killed.disk.folder);
  await last.start();
  expect(last.openRequests).toBe(0);
  expect(last.frames).toHaveLength(1);
  expect(router.puts).toHaveLength(1);
});

test('one that the uploads have is not handed to them again after a crash', async () => {
  await using router = await FileRouter.start();
  const isBack = Promise.withResolvers<void>();
  router.hold = isBack.promise;
  await using killed = new Process(router);
  await killed.start();
  await killed.ask(killed.write('aaaaaa', 'all of it'));
  await waitFor(() => router.puts.length === 1, { what: 'the upload' });
  await using next = new Process(router, killed.disk.afterCrash(), killed.disk.folder);
  expect(next.openRequests).toBe(1);
  await killed.stop();
  router.hold = undefined;
  isBack.resolve();
  await next.start();
  await waitFor(() => next.openRequests === 0, { what: 'the upload to be over' });
  expect(next.frames).toMatchObject([{ type: 'file', name: 'aaaaaa.txt' }]);
});

test('one that is gone is told, and holds up no other', async () => {
  await using router = await FileRouter.start();
  await using node = new Process(router);
  await node.start();
  const gone = node.write('aaaaaa', 'all of it');
  rmSync(gone);
  await node.ask(gone);
  await node.ask(node.write('bbbbbb', 'all of that'));
  await waitFor(() => node.frames.length === 2, { what: 'a word and a file' });
  expect(node.frames).toMatchObject([
    { type: 'message', user_id: 'ou_alice', chat_id: 'chat', text: expect.stringContaining('not there any more') },
    { type: 'file', name: 'bbbbbb.txt' },
  ]);
});

test('who writes Chinese is told in it that one is gone', async () => {
  await using router = await FileRouter.start();
  await using node = new Process(router);
  await node.start();
  const gone = node.write('aaaaaa', 'all of it');
  rmSync(gone);
  await node.ask(gone, 'ou_ming');
  await waitFor(() => node.frames.length === 1, { what: 'a word' });
  expect(node.frames).toMatchObject([{ user_id: 'ou_ming', text: expect.stringMatching(/^完整输出已经不在了：/) }]);
});

test('nothing but an output can be got by it that a chat may not read', async () => {
  await using router = await FileRouter.start();
  await using node = new Process(router);
  await node.start();
  await node.ask(join(node.disk.folder, 'node.db'));
  await waitFor(() => node.frames.length === 1, { what: 'a word' });
  expect(node.frames).toMatchObject([{ type: 'message', text: expect.stringContaining('could not be read') }]);
  expect(router.puts).toEqual([]);
  expect(existsSync(join(node.disk.folder, 'node.db'))).toBe(true);
});
