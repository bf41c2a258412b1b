import { existsSync, statSync } from 'node:fs';
import { hostname } from 'node:os';
import { commonKeys, folder, isLoopback } from '@phonework/shared/common-keys';
import type { Keys, Values } from '@phonework/shared/config';
import { listFromEnvironment } from '@phonework/shared/config';
import { NodeId } from '@phonework/shared/protocol';
import type { LanguageSetting } from '@phonework/shared/reader-languages';
import * as z from 'zod';

const workingDir = {
  schema: folder.refine((path) => existsSync(path) && statSync(path).isDirectory()),
  expected: 'a folder that exists: the one your projects are in',
} as const;

/** The keys that name a node and its folder, for the configuration of a node that has its router in the same process. */
export const nodeKeys = {
  NODE_ID: {
    schema: NodeId.default(ownName()),
    expected: 'a name of at most 64 letters, digits, "-", "_" and "."',
  },
  DISPLAY_NAME: { schema: z.string().min(1).max(200).optional(), expected: 'a name for people' },
  WORKING_DIR: { ...workingDir, schema: workingDir.schema.optional() },
} as const satisfies Keys;

/** The keys of host_config.yaml. */
export const hostKeys = {
  ...commonKeys,
  ...nodeKeys,
  ROUTER_SECRET: { ...commonKeys.ROUTER_SECRET, schema: z.string().min(16) },
  ROUTER_URL: {
    schema: z.url({ protocol: /^wss?$/ }).refine(isSafe),
    expected: 'wss://HOST/ws/node, or ws:// to a loopback address: over plain ws the secret could be read on the way',
  },
  WORKING_DIR: workingDir,
  SERVES_USERS: {
    schema: z.array(z.string().regex(/^(ou_[A-Za-z0-9_-]+|console)$/)).min(1),
    expected: "a list of at least one open_id (each begins with ou_), or console for the router's console",
    fromEnvironment: listFromEnvironment,
  },
} as const satisfies Keys;

export type HostConfig = {
  readonly nodeId: string;
  readonly displayName: string;
  readonly routerUrl: string;
  readonly routerSecret: string;
  readonly servesUsers: readonly string[];
  readonly workingDir: string;
  readonly dataDir: string;
  /** Absent without a key: the node then has commands only. */
  readonly model: { readonly baseUrl: string; readonly apiKey: string; readonly model: string } | undefined;
  readonly shellPolicy: 'read-only' | 'ask' | 'auto';
  readonly claude: ClaudeConfig;
  /** The web search service; absent without a key. */
  readonly web?: { readonly url: string; readonly apiKey: string };
  /** How long users have for an answer, from when they can see the question. */
  readonly questionTtlMs: number;
  readonly language: LanguageSetting;
};

export type ClaudeConfig = {
  /** A program, by name or path. */
  readonly command: string;
  /** Of new sessions. */
  readonly permissionMode: 'default' | 'acceptEdits' | 'plan' | 'bypassPermissions';
  readonly turnTimeoutMs: number;
  /** A process that had nothing to do for so long is ended. */
  readonly idleMs: number;
};

/** How a node finds its router and whom it serves: from host_config.yaml, or from the router in the same process. */
export type HostAddress = Pick<HostConfig, 'routerUrl' | 'routerSecret' | 'servesUsers' | 'workingDir'>;

type NodeValues = Pick<
  Values<typeof commonKeys>,
  | 'CC_IDLE_S'
  | 'CC_TIMEOUT_S'
  | 'CLAUDE_COMMAND'
  | 'CLAUDE_PERMISSION_MODE'
  | 'DATA_DIR'
  | 'LANGUAGE'
  | 'METASO_API_KEY'
  | 'METASO_MCP_URL'
  | 'OPENAI_API_KEY'
  | 'OPENAI_BASE_URL'
  | 'OPENAI_MODEL'
  | 'QUESTION_TTL_S'
  | 'SHELL_POLICY'
> &
  Pick<Values<typeof nodeKeys>, 'DISPLAY_NAME' | 'NODE_ID'>;

/** Joins what both kinds of configuration say about a node. */
export function toHostConfig(values: NodeValues, address: HostAddress): HostConfig {
  const { OPENAI_API_KEY: apiKey } = values;
  return {
    ...address,
    nodeId: values.NODE_ID,
    displayName: values.DISPLAY_NAME ?? values.NODE_ID,
    dataDir: values.DATA_DIR,
    model: apiKey === undefined ? undefined : { baseUrl: values.OPENAI_BASE_URL, apiKey, model: values.OPENAI_MODEL },
    shellPolicy: values.SHELL_POLICY,
    claude: {
      command: values.CLAUDE_COMMAND,
      permissionMode: values.CLAUDE_PERMISSION_MODE,
      turnTimeoutMs: values.CC_TIMEOUT_S * 1000,
      idleMs: values.CC_IDLE_S * 1000,
    },
    questionTtlMs: values.QUESTION_TTL_S * 1000,
    language: values.LANGUAGE,
    ...(values.METASO_API_KEY !== undefined && {
      web: { url: values.METASO_MCP_URL, apiKey: values.METASO_API_KEY },
    }),
  };
}

/** A machine's name as a node's: without its domain, and with "-" for what a node's name may not hold. */
function ownName(): string {
  const [name = ''] = hostname().split('.', 1);
  return name.replace(/[^A-Za-z0-9._-]/g, '-').slice(0, 64) || 'node';
}

/** Also asked about texts that are no URL: checks of a schema do not stop at the first that fails. */
function isSafe(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && (url.protocol === 'wss:' || isLoopback(url));
}
