import { commonKeys, httpUrl, isLoopback, seconds } from '@phonework/shared/common-keys';
import type { Configuration, Fault, Keys, Values } from '@phonework/shared/config';
import { ConfigError, listFromEnvironment, numberFromEnvironment } from '@phonework/shared/config';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import * as z from 'zod';

const DAY_S = 86_400;

const onWords: ReadonlyMap<string, boolean> = new Map([
  ['on', true],
  ['yes', true],
  ['true', true],
  ['1', true],
  ['off', false],
  ['no', false],
  ['false', false],
  ['0', false],
]);

const onOff = z.union([
  z.boolean(),
  z.enum(['on', 'off', 'yes', 'no']).transform((word) => onWords.get(word) === true),
]);

function onOffFromEnvironment(text: string): unknown {
  return onWords.get(text.trim().toLowerCase()) ?? text;
}

/** The keys of keyring.yaml. */
export const routerKeys = {
  ...commonKeys,
  FEISHU_APP_ID: {
    schema: z.string().min(1).optional(),
    expected: 'the app id of a Feishu app (cli_ and 16 hexadecimal digits)',
  },
  FEISHU_APP_SECRET: { schema: z.string().min(1).optional(), expected: 'the secret of that Feishu app', secret: true },
  FEISHU_DOMAIN: {
    schema: z.union([z.enum(['feishu', 'lark']), httpUrl]).default('feishu'),
    expected: 'feishu, lark, or the base URL of a Feishu installation',
  },
  FEISHU_EVENT_MODE: {
    schema: z.enum(['websocket', 'webhook']).default('websocket'),
    expected: 'websocket or webhook',
  },
  FEISHU_ENCRYPT_KEY: { schema: z.string().min(1).optional(), expected: "the app's encrypt key", secret: true },
  FEISHU_VERIFICATION_TOKEN: {
    schema: z.string().min(1).optional(),
    expected: "the app's verification token",
    secret: true,
  },
  ALLOWED_OPEN_IDS: {
    schema: z.array(z.string().regex(/^ou_[A-Za-z0-9_-]+$/)).default([]),
    expected: 'a list of open_ids (each begins with ou_; the bot tells strangers theirs)',
    fromEnvironment: listFromEnvironment,
  },
  ROUTER_HOST: { schema: z.string().min(1).default('127.0.0.1'), expected: 'an address to listen on' },
  ROUTER_PORT: {
    schema: z.int().min(0).max(65_535).default(8000),
    expected: 'a port, 0 to 65535 (0 = any free one)',
    fromEnvironment: numberFromEnvironment,
  },
  REQUIRE_NODE_TOKENS: {
    schema: onOff.default(false),
    expected: 'true (each node needs a token of its own) or false',
    fromEnvironment: onOffFromEnvironment,
  },
  ROUTER_LLM_BASE_URL: { schema: httpUrl.optional(), expected: 'the http(s) address of an OpenAI-compatible service' },
  ROUTER_LLM_API_KEY: { schema: z.string().min(1).optional(), expected: 'the key of that service', secret: true },
  ROUTER_LLM_MODEL: { schema: z.string().min(1).optional(), expected: 'the name of a model' },
  METRICS_TOKEN: {
    schema: z
      .string()
      .regex(/^[\x21-\x7e]{16,}$/)
      .optional(),
    expected:
      'a token of at least 16 ASCII characters without spaces, for programs on other machines that read /metrics',
    secret: true,
  },
  FORWARD_TIMEOUT_S: seconds(600),
  HEARTBEAT_INTERVAL_S: seconds(30),
  HEARTBEAT_TIMEOUT_S: seconds(10),
  NODE_OFFLINE_GRACE_S: {
    ...seconds(5),
    schema: z.number().nonnegative().max(DAY_S).default(5),
    expected: 'a number of seconds, at most 86400 (a day)',
  },
  OFFLINE_QUEUE_TTL_S: seconds(DAY_S),
  CONSOLE: {
    schema: onOff.optional(),
    expected: 'on or off',
    fromEnvironment: onOffFromEnvironment,
  },
} as const satisfies Keys;

/** How events come: over a connection that we open, or to `POST /feishu/events`. */
export type FeishuEventMode =
  | { readonly kind: 'websocket' }
  | { readonly kind: 'webhook'; readonly encryptKey: string; readonly verificationToken?: string };

export type FeishuConfig = {
  readonly appId: string;
  readonly appSecret: string;
  readonly domain: string;
  readonly eventMode: FeishuEventMode;
};

export type RouterConfig = {
  readonly host: string;
  readonly port: number;
  /** What all nodes may present; undefined where each needs a token of its own. */
  readonly secret: string | undefined;
  readonly dataDir: string;
  readonly feishu: FeishuConfig | undefined;
  readonly allowedOpenIds: readonly string[];
  readonly console: boolean;
  readonly language: LanguageSetting;
  /** What a scraper on another machine presents at `/metrics`. */
  readonly metricsToken?: string;
  /** The routing model; absent without a key: then the rules and the user decide. */
  readonly model: { readonly baseUrl: string; readonly apiKey: string; readonly model: string } | undefined;
  readonly forwardTimeoutMs: number;
  readonly heartbeatIntervalMs: number;
  readonly heartbeatTimeoutMs: number;
  readonly nodeOfflineGraceMs: number;
  readonly offlineQueueTtlMs: number;
};

/**
 * `console` and `secret` are what holds when the keyring does not say; a `secret` that was made for this one start also
 * holds where nodes need tokens, since nobody else has it. Throws ConfigError.
 */
export function toRouterConfig(
  configuration: Configuration<typeof routerKeys>,
  defaults: { readonly console: boolean; readonly secret?: string },
): RouterConfig {
  const { values, file } = configuration;
  const faults: Fault[] = [];
  const source = file ?? 'keyring.yaml (not found)';
  const missing = (key: string, message: string) => {
    faults.push({ source, key, message });
  };
  const feishu = toFeishuConfig(values, missing);
  const isShared = !values.REQUIRE_NODE_TOKENS;
  const secret = isShared ? (values.ROUTER_SECRET ?? defaults.secret) : defaults.secret;
  if (isShared && secret === undefined)
    missing('ROUTER_SECRET', `is missing: expected ${commonKeys.ROUTER_SECRET.expected}`);
  if (faults.length > 0) throw new ConfigError(faults);
  return {
    host: values.ROUTER_HOST,
    port: values.ROUTER_PORT,
    secret,
    dataDir: values.DATA_DIR,
    feishu,
    allowedOpenIds: values.ALLOWED_OPEN_IDS,
    console: values.CONSOLE ?? defaults.console,
    language: values.LANGUAGE,
    ...(values.METRICS_TOKEN !== undefined && { metricsToken: values.METRICS_TOKEN }),
    model: toModel(values),
    forwardTimeoutMs: values.FORWARD_TIMEOUT_S * 1000,
    heartbeatIntervalMs: values.HEARTBEAT_INTERVAL_S * 1000,
    heartbeatTimeoutMs: values.HEARTBEAT_TIMEOUT_S * 1000,
    nodeOfflineGraceMs: values.NODE_OFFLINE_GRACE_S * 1000,
    offlineQueueTtlMs: values.OFFLINE_QUEUE_TTL_S * 1000,
  };
}

/** The routing model may be another one than the mailboy's; what is not said of it is the same. */
function toModel(values: Values<typeof routerKeys>): RouterConfig['model'] {
  const apiKey = values.ROUTER_LLM_API_KEY ?? values.OPENAI_API_KEY;
  if (apiKey === undefined) return undefined;
  return {
    apiKey,
    baseUrl: values.ROUTER_LLM_BASE_URL ?? values.OPENAI_BASE_URL,
    model: values.ROUTER_LLM_MODEL ?? values.OPENAI_MODEL,
  };
}

function toFeishuConfig(
  values: Values<typeof routerKeys>,
  fault: (key: string, message: string) => void,
): FeishuConfig | undefined {
  const { FEISHU_APP_ID: appId, FEISHU_APP_SECRET: appSecret } = values;
  if (appId === undefined && appSecret === undefined) return undefined;
  if (appId === undefined || appSecret === undefined) {
    const key = appId === undefined ? 'FEISHU_APP_ID' : 'FEISHU_APP_SECRET';
    fault(key, `is missing: expected ${routerKeys[key].expected}, since the other half is set`);
    return undefined;
  }
  const domain = values.FEISHU_DOMAIN.replace(/\/+$/, '');
  const url = URL.parse(domain);
  if (url?.protocol === 'http:' && !isLoopback(url)) {
    fault('FEISHU_DOMAIN', 'expected https: over http: the app secret could be read on the way');
  }
  if (values.FEISHU_EVENT_MODE === 'websocket') {
    // The SDK connects with no other form of id, and says so nowhere but in its own log.
    if (!/^cli_[0-9a-fA-F]{16}$/.test(appId)) fault('FEISHU_APP_ID', `expected ${routerKeys.FEISHU_APP_ID.expected}`);
    return { appId, appSecret, domain, eventMode: { kind: 'websocket' } };
  }
  const encryptKey = values.FEISHU_ENCRYPT_KEY ?? '';
  if (encryptKey.trim() === '') {
    fault('FEISHU_ENCRYPT_KEY', 'is missing: without it anyone could post events to the webhook');
  }
  const { FEISHU_VERIFICATION_TOKEN: verificationToken } = values;
  const token = verificationToken === undefined ? {} : { verificationToken };
  return { appId, appSecret, domain, eventMode: { kind: 'webhook', encryptKey, ...token } };
}
