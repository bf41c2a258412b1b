import type { Door } from './door.ts';
import { claudeLines } from './doors/claude-lines.ts';
import { configuration } from './doors/configuration.ts';
import { consolePages } from './doors/console-pages.ts';
import { feishuFrames } from './doors/feishu-frames.ts';
import { httpRequests } from './doors/http-requests.ts';
import { modelStreams } from './doors/model-streams.ts';
import { nodeFrames } from './doors/node-frames.ts';
import { readers } from './doors/readers.ts';
import { routerFrames } from './doors/router-frames.ts';
import { webhookBodies } from './doors/webhook-bodies.ts';

/** All of them; a new one is a file and a line here. */
export const doors: readonly Door[] = [
  readers,
  claudeLines,
  configuration,
  modelStreams,
  nodeFrames,
  routerFrames,
  consolePages,
  httpRequests,
  webhookBodies,
  feishuFrames,
];
