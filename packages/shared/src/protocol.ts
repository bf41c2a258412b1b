import * as z from 'zod';
import { hasTooManyParts } from './frame-parts.ts';

/** Version of the wire protocol between router and node; docs/protocol.md describes it. */
export const PROTOCOL_VERSION = 1;

/** Largest frame, in bytes of UTF-8; a bigger one closes the socket with 1009. */
export const MAX_FRAME_BYTES = 1024 * 1024;

/** Most sessions that a node tells of. */
export const MAX_SESSIONS = 2000;

/** Largest file that is passed between a chat and a node, in bytes: what Feishu takes. */
export const MAX_FILE_BYTES = 30 * 1024 * 1024;

/** Why a socket between router and node was closed: our own codes and the standard ones we use. */
export const CloseCode = {
  shuttingDown: 1001,
  badFrame: 1008,
  tooBig: 1009,
  replaced: 4000,
  notTrusted: 4401,
  nodeIdTaken: 4409,
} as const;

const id = z.string().min(1).max(128);
const address = z.string().min(1).max(256);

/** A node's name on the wire and in commands. */
export const NodeId = z.string().regex(/^[A-Za-z0-9._-]{1,64}$/);

/** A button under a message. */
const MessageAction = z.object({
  id,
  label: z.string().min(1).max(200),
  /** The label in the other language, which may be typed too. */
  also: z.string().min(1).max(200).optional(),
  style: z.enum(['default', 'primary', 'danger']).default('default'),
});

/** The buttons are shortcuts, no question: what the user types is no answer to them. */
const isOffer = z.boolean().optional();

/** A file that came with a user's message; its bytes are fetched over HTTP. */
export const Attachment = z.object({ id, kind: z.string(), name: z.string(), size: z.int().nonnegative() });
export type Attachment = z.infer<typeof Attachment>;

export const Register = z.object({
  type: z.literal('register'),
  node_id: NodeId,
  display_name: z.string().max(200).default(''),
  serves_users: z.array(address).max(10_000).default([]),
  working_dir: z.string().max(4096).default(''),
  /** `claude_code`, `shell`, `file_ops`, `web`, `scheduler`, and whatever a newer node can do. */
  capabilities: z.array(z.string().max(64)).max(100).default([]),
  /** Absent from a peer that knows no acks: see docs/protocol.md, "A peer that does not ack". */
  protocol: z.int().positive().optional(),
  version: z.string().max(100).default(''),
  instance_id: z.string().max(128).default(''),
});
export type Register = z.infer<typeof Register>;

export const Status = z.object({
  type: z.literal('status'),
  sessions: z.array(z.object({ id: z.string(), name: z.string(), state: z.string() })).max(MAX_SESSIONS),
  /** How many tasks run now. */
  tasks: z.int().nonnegative(),
});
export type Status = z.infer<typeof Status>;

export const ForwardResponse = z.object({
  type: z.literal('forward_response'),
  id,
  reply: z.string().default(''),
  error: z.string().default(''),
  actions: z.array(MessageAction).max(20).optional(),
  is_offer: isOffer,
});
export type ForwardResponse = z.infer<typeof ForwardResponse>;

export const TaskComplete = z.object({
  type: z.literal('task_complete'),
  id,
  task_id: z.string(),
  user_id: address,
  chat_id: address,
  result: z.string(),
});
export type TaskComplete = z.infer<typeof TaskComplete>;

export const NodeMessage = z.object({
  type: z.literal('message'),
  id,
  user_id: address,
  chat_id: address,
  text: z.string(),
  actions: z.array(MessageAction).max(20).optional(),
  is_offer: isOffer,
  replaces: id.optional(),
});
export type NodeMessage = z.infer<typeof NodeMessage>;

export const NodeFile = z.object({
  type: z.literal('file'),
  id,
  user_id: address,
  chat_id: address,
  name: z.string().min(1).max(255),
  size: z.int().nonnegative(),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
});
export type NodeFile = z.infer<typeof NodeFile>;

export const Progress = z.object({
  type: z.literal('progress'),
  id,
  /** The whole text so far, not a delta. */
  text: z.string(),
  step: z.string().optional(),
});
export type Progress = z.infer<typeof Progress>;

export const Ack = z.object({ type: z.literal('ack'), id });
export type Ack = z.infer<typeof Ack>;

export const Ping = z.object({ type: z.literal('ping') });
export const Pong = z.object({ type: z.literal('pong') });

export const Registered = z.object({
  type: z.literal('registered'),
  protocol: z.int().positive().default(PROTOCOL_VERSION),
  heartbeat_interval_s: z.number().positive().optional(),
  /** Set when the node is refused; a close with 4401 or 4409 follows. */
  error: z.string().optional(),
  /** The router tells with `delivered` when a message with buttons is in the chat. */
  reports_delivery: z.boolean().optional(),
});
export type Registered = z.infer<typeof Registered>;

export const ForwardRequest = z.object({
  type: z.literal('forward'),
  id,
  user_id: address,
  chat_id: address,
  text: z.string(),
  attachments: z.array(Attachment).max(100).optional(),
  quoted: z.string().optional(),
});
export type ForwardRequest = z.infer<typeof ForwardRequest>;

export const ActionRequest = z.object({
  type: z.literal('action'),
  id,
  user_id: address,
  chat_id: address,
  message_id: id,
  action_id: id,
});
export type ActionRequest = z.infer<typeof ActionRequest>;

/** A `message` or `forward_response` with buttons is where the user can see it. */
export const Delivered = z.object({ type: z.literal('delivered'), id, message_id: id });
export type Delivered = z.infer<typeof Delivered>;

export const Cancel = z.object({
  type: z.literal('cancel'),
  id,
  /** Only if its turn has not begun: its user has taken the message back. */
  only_waiting: z.boolean().optional(),
});
export type Cancel = z.infer<typeof Cancel>;

/** What a node says. */
export const NodeFrame = z.discriminatedUnion('type', [
  Register,
  Status,
  ForwardResponse,
  TaskComplete,
  NodeMessage,
  NodeFile,
  Progress,
  Ack,
  Pong,
]);
export type NodeFrame = z.infer<typeof NodeFrame>;

/** What the router says. */
export const RouterFrame = z.discriminatedUnion('type', [
  Registered,
  ForwardRequest,
  ActionRequest,
  Delivered,
  Cancel,
  Ack,
  Ping,
]);
export type RouterFrame = z.infer<typeof RouterFrame>;

/** A peer that knows no acks gives its task_complete no id: the task's own then tells it from others. */
const IdentifiedNodeFrame = z.preprocess((frame) => {
  const isNameless = frame instanceof Object && 'task_id' in frame && !('id' in frame);
  return isNameless ? { ...frame, id: frame.task_id } : frame;
}, NodeFrame);

const nodeFrameTypes: ReadonlySet<string> = new Set(NodeFrame.options.map((option) => option.shape.type.value));
const routerFrameTypes: ReadonlySet<string> = new Set(RouterFrame.options.map((option) => option.shape.type.value));

/** A frame that breaks the protocol. The message says what is wrong with it, and never quotes its contents. */
export class ProtocolError extends Error {
  override readonly name = 'ProtocolError';
}

/** A frame as it goes over the wire. Throws ProtocolError when it would be over MAX_FRAME_BYTES. */
export function encode(frame: NodeFrame | RouterFrame): string {
  const text = JSON.stringify(frame);
  // A UTF-16 unit is at most three bytes of UTF-8: count only where it could matter.
  if (text.length * 3 > MAX_FRAME_BYTES && Buffer.byteLength(text) > MAX_FRAME_BYTES) {
    throw new ProtocolError(`the ${frame.type} frame is larger than ${MAX_FRAME_BYTES} bytes`);
  }
  return text;
}

/** Reads what a node sent. `null` for a type this version does not know; throws ProtocolError for anything broken. */
export function decodeNodeFrame(text: string): NodeFrame | null {
  return decode(text, IdentifiedNodeFrame, nodeFrameTypes);
}

/** Reads what the router sent. `null` for a type this version does not know; throws ProtocolError for anything broken. */
export function decodeRouterFrame(text: string): RouterFrame | null {
  return decode(text, RouterFrame, routerFrameTypes);
}

function decode<T>(text: string, schema: z.ZodType<T>, knownTypes: ReadonlySet<string>): T | null {
  if (hasTooManyParts(text)) throw new ProtocolError('a frame has too many parts');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    // Without its cause, whose message quotes the frame.
    throw new ProtocolError('a frame is not JSON');
  }
  const type = typeof value === 'object' && value !== null && 'type' in value ? value.type : undefined;
  if (typeof type !== 'string') throw new ProtocolError('a frame has no type');
  if (!knownTypes.has(type)) return null;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const [issue] = parsed.error.issues;
  throw new ProtocolError(`${type}: ${issue?.path.join('.') || 'frame'}: ${issue?.message ?? 'invalid'}`);
}
