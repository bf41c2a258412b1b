import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import * as z from 'zod';
import type { Keys } from './config.ts';
import { numberFromEnvironment } from './config.ts';
import { logLevels } from './log.ts';

const languages = ['auto', 'en', 'zh'] as const;

/** A base URL: http or https, with or without a slash at its end. */
export const httpUrl = z.url({ protocol: /^https?$/ });

/** True where nobody else can listen in: plain text is safe there. */
export function isLoopback(url: URL): boolean {
  // A host that is an IPv4 address has four numbers here, however it was written; 127.example.com is a name.
  return url.hostname === 'localhost' || url.hostname === '[::1]' || /^127(\.\d+){3}$/.test(url.hostname);
}

/** A folder, with `~` for the home; made absolute. */
export const folder = z
  .string()
  .min(1)
  .transform((path) => resolve(path.replace(/^~(?=$|[/\\])/, homedir())));

/** Node's timers take at most 2^31 ms, and go off at once when they are to take longer. */
const LONGEST_S = 2_000_000;

/** A duration. */
export const seconds = (fallback: number) =>
  ({
    schema: z.number().positive().max(LONGEST_S).default(fallback),
    expected: `a number of seconds above 0, at most ${LONGEST_S} (23 days)`,
    fromEnvironment: numberFromEnvironment,
  }) as const;

/** The keys that both keyring.yaml and host_config.yaml know. */
export const commonKeys = {
  ROUTER_SECRET: {
    schema: z.string().min(16).optional(),
    expected: 'a secret of at least 16 characters, the same on the router and its nodes',
    secret: true,
  },
  OPENAI_BASE_URL: {
    schema: httpUrl.default('https://open.bigmodel.cn/api/paas/v4/'),
    expected: 'the http(s) address of an OpenAI-compatible service',
  },
  OPENAI_API_KEY: { schema: z.string().min(1).optional(), expected: 'the key of the model service', secret: true },
  OPENAI_MODEL: { schema: z.string().min(1).default('glm-4.7'), expected: 'the name of a model' },
  WORKING_DIR: { schema: folder.optional(), expected: 'a folder: the one your projects are in' },
  METASO_API_KEY: { schema: z.string().min(1).optional(), expected: 'the key of the Metaso service', secret: true },
  METASO_MCP_URL: { schema: httpUrl.default('https://metaso.cn/api/mcp'), expected: 'an http(s) address' },
  CLAUDE_COMMAND: { schema: z.string().min(1).default('claude'), expected: 'a program, by name or path' },
  CLAUDE_PERMISSION_MODE: {
    schema: z.enum(['default', 'acceptEdits', 'plan', 'bypassPermissions']).default('default'),
    expected: 'default, acceptEdits, plan or bypassPermissions',
  },
  SHELL_POLICY: {
    schema: z.enum(['read-only', 'ask', 'auto']).default('ask'),
    expected: 'read-only, ask or auto',
  },
  CC_TIMEOUT_S: seconds(600),
  CC_IDLE_S: seconds(1800),
  QUESTION_TTL_S: seconds(600),
  LANGUAGE: {
    schema: z.enum(languages).default('auto'),
    expected: 'auto, en or zh',
    // Unix systems have a variable of this name with a meaning of its own (en_US:en): only our words count.
    fromEnvironment: (text) => languages.find((language) => language === text),
  },
  DATA_DIR: {
    schema: folder.default(join(homedir(), '.phonework')),
    expected: 'a folder',
  },
  LOG_LEVEL: {
    schema: z.enum(logLevels).default('info'),
    expected: logLevels.join(', '),
  },
} as const satisfies Keys;
