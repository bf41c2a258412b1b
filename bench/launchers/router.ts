/**
 * The real router, out of its own composition root, with a chat that takes as much as it is sent. Prints the URLs of the
 * chat and of the nodes' door. Arguments: the data directory, the secret, how many users may talk (`ou_0` …).
 */

import { createRouter } from '../../packages/router/src/router.ts';
import { createLogger } from '../../packages/shared/src/log.ts';
import { SocketChat } from './socket-chat.ts';

const [, , dataDir = '', secret = '', users = '0'] = process.argv;
const logger = await createLogger({ name: 'bench', level: 'warn', secrets: [secret], terminal: false });
const chat = new SocketChat();
const router = await createRouter(
  {
    host: '127.0.0.1',
    port: 0,
    secret,
    dataDir,
    feishu: undefined,
    allowedOpenIds: Array.from({ length: Number(users) }, (_, index) => `ou_${index}`),
    console: false,
    language: 'auto',
    model: undefined,
    forwardTimeoutMs: 600_000,
    heartbeatIntervalMs: 30_000,
    heartbeatTimeoutMs: 10_000,
    nodeOfflineGraceMs: 5000,
    offlineQueueTtlMs: 86_400_000,
  },
  { channels: [chat], logger, journey: () => {} },
);
await router.listen({ host: '127.0.0.1', port: 0 });
process.stdout.write(`${await chat.url()} ${router.nodeUrl}\n`);
