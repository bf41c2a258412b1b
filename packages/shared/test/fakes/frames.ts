import type * as z from 'zod';
import { decodeNodeFrame, decodeRouterFrame, NodeFrame, RouterFrame } from '../../src/protocol.ts';

export const id = '8f6c1d0e-6a3b-4b0e-9d3c-0d4f5a6b7c8d';
export const to = { user_id: 'ou_alice', chat_id: 'oc_1' };

/** Each frame with all of its fields. */
const nodeFrames: readonly NodeFrame[] = [
  {
    type: 'register',
    node_id: 'home-pc',
    display_name: '家里的电脑',
    serves_users: ['ou_alice'],
    working_dir: '/home/alice/projects',
    capabilities: ['claude_code', 'shell', 'file_ops', 'web', 'scheduler'],
    protocol: 1,
    version: '0.1.0',
    instance_id: id,
  },
  { type: 'status', sessions: [{ id: 'a1b2c3', name: 'todo_app', state: 'idle' }], tasks: 2 },
  {
    type: 'forward_response',
    id,
    reply: 'Done 🎉\u2028',
    error: '',
    actions: [{ id: 'retry', label: 'Retry', style: 'primary' }],
  },
  { type: 'task_complete', id, task_id: 't1', ...to, result: 'ok' },
  {
    type: 'message',
    id,
    ...to,
    text: 'Half done',
    actions: [{ id: 'stop', label: 'Stop', style: 'danger' }],
    replaces: 'earlier',
  },
  { type: 'file', id, ...to, name: 'report.pdf', size: 12, sha256: 'a'.repeat(64) },
  { type: 'progress', id, text: 'Reading…', step: 'run_shell' },
  { type: 'ack', id },
  { type: 'pong' },
];
const routerFrames: readonly RouterFrame[] = [
  { type: 'registered', protocol: 1, heartbeat_interval_s: 0.5, error: 'home-pc is taken', reports_delivery: true },
  {
    type: 'forward',
    id,
    ...to,
    text: 'fix the login bug',
    attachments: [{ id: 'f1', kind: 'image', name: 'a.png', size: 0 }],
    quoted: 'an earlier answer',
  },
  { type: 'action', id, ...to, message_id: 'm1', action_id: 'retry' },
  { type: 'delivered', id, message_id: 'm1' },
  { type: 'cancel', id },
  { type: 'ack', id },
  { type: 'ping' },
];

export type Side = {
  readonly name: string;
  readonly frames: readonly (NodeFrame | RouterFrame)[];
  readonly options: readonly z.ZodObject[];
  readonly decode: (text: string) => NodeFrame | RouterFrame | null;
};
/** Both ends of the wire: what each says, and how the other reads it. */
export const sides: readonly Side[] = [
  { name: 'a node', frames: nodeFrames, options: NodeFrame.options, decode: decodeNodeFrame },
  { name: 'the router', frames: routerFrames, options: RouterFrame.options, decode: decodeRouterFrame },
];
