import * as z from 'zod';

const Block = z.object({
  type: z.string(),
  text: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.record(z.string(), z.unknown()).optional(),
});
export type Block = z.infer<typeof Block>;

const ResultBlock = z.object({
  type: z.string(),
  tool_use_id: z.string().optional(),
  is_error: z.boolean().optional(),
  content: z.union([z.string(), z.array(Block.pick({ type: true, text: true }))]).optional(),
});
export type ResultBlock = z.infer<typeof ResultBlock>;

/** Set on what comes from a subagent: the tool use that started it. */
const parent = { parent_tool_use_id: z.string().nullish() };

const Init = z.object({
  type: z.literal('system'),
  subtype: z.literal('init'),
  session_id: z.string(),
  model: z.string(),
  permissionMode: z.string().optional(),
});

const ApiRetry = z.object({
  type: z.literal('system'),
  subtype: z.literal('api_retry'),
  attempt: z.number(),
  max_retries: z.number(),
  error_status: z.number().nullish(),
  error: z.string(),
});
export type ApiRetry = z.infer<typeof ApiRetry>;

const CompactBoundary = z.object({ type: z.literal('system'), subtype: z.literal('compact_boundary') });

const StreamEvent = z.object({
  type: z.literal('stream_event'),
  ...parent,
  event: z.object({
    type: z.string(),
    delta: z.object({ type: z.string().optional(), text: z.string().optional() }).optional(),
  }),
});
export type StreamEvent = z.infer<typeof StreamEvent>;

const AssistantMessage = z.object({
  type: z.literal('assistant'),
  ...parent,
  message: z.object({ content: z.array(Block) }),
  /** What kind of failure the text tells of; such a message is of the program's making. */
  error: z.string().optional(),
});
export type AssistantMessage = z.infer<typeof AssistantMessage>;

const UserMessage = z.object({
  type: z.literal('user'),
  message: z.object({ content: z.union([z.string(), z.array(ResultBlock)]) }),
});
export type UserMessage = z.infer<typeof UserMessage>;

const RateLimitEvent = z.object({
  type: z.literal('rate_limit_event'),
  /** `resetsAt` is in seconds since the epoch. */
  rate_limit_info: z.object({ status: z.string(), resetsAt: z.number().optional() }),
});

const Result = z.object({
  type: z.literal('result'),
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  terminal_reason: z.string().nullish(),
  api_error_status: z.number().nullish(),
  startup_failure_reason: z.string().optional(),
  total_cost_usd: z.number().optional(),
  user_message_uuids: z.array(z.string()).optional(),
});
export type Result = z.infer<typeof Result>;

const ControlRequest = z.object({
  type: z.literal('control_request'),
  request_id: z.string(),
  request: z.looseObject({ subtype: z.string() }),
});
export type ControlRequest = z.infer<typeof ControlRequest>;

const ControlResponse = z.object({
  type: z.literal('control_response'),
  response: z.object({
    subtype: z.string(),
    request_id: z.string(),
    response: z.unknown().optional(),
    error: z.string().optional(),
    error_code: z.string().optional(),
  }),
});
export type ControlResponse = z.infer<typeof ControlResponse>;

const ControlCancel = z.object({ type: z.literal('control_cancel_request'), request_id: z.string() });

/** What we look at of all that Claude Code writes. */
const CliMessage = z.discriminatedUnion('type', [
  z.discriminatedUnion('subtype', [Init, ApiRetry, CompactBoundary]),
  StreamEvent,
  AssistantMessage,
  UserMessage,
  RateLimitEvent,
  Result,
  ControlRequest,
  ControlResponse,
  ControlCancel,
]);
export type CliMessage = z.infer<typeof CliMessage>;

const Envelope = z.object({ type: z.string(), subtype: z.unknown().optional() });

const knownTypes: ReadonlySet<string> = new Set([
  'stream_event',
  'assistant',
  'user',
  'rate_limit_event',
  'result',
  'control_request',
  'control_response',
  'control_cancel_request',
]);

const knownSubtypes: ReadonlySet<unknown> = new Set(['init', 'api_retry', 'compact_boundary']);

/**
 * One line of Claude Code's output. `unknown` is a message that a newer version may send as it likes; `noise` is no
 * message at all (a complaint on stderr, say), or a known one that can't be understood.
 */
export function parseCliLine(line: string): CliMessage | 'unknown' | 'noise' {
  const value = parseJson(line);
  const envelope = Envelope.safeParse(value);
  if (!envelope.success) return 'noise';
  const { type, subtype } = envelope.data;
  if (!knownTypes.has(type) && !(type === 'system' && knownSubtypes.has(subtype))) return 'unknown';
  const message = CliMessage.safeParse(value);
  return message.success ? message.data : 'noise';
}

/** Undefined where it is none. */
function parseJson(line: string): unknown {
  // Of what is no JSON object at all, the most is told apart without an exception.
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
