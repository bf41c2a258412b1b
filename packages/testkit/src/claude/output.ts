import { randomUUID } from 'node:crypto';
import { writeSync } from 'node:fs';
import type { Json } from './json.ts';

/** What the stand-in writes to stdout, line by line, each there before the call returns. */
export class Output {
  /** Of the events from here on. */
  sessionId: string;
  readonly #hasPartials: boolean;
  readonly #hasStates: boolean;

  constructor(options: { readonly sessionId: string; readonly hasPartials: boolean; readonly hasStates: boolean }) {
    this.sessionId = options.sessionId;
    this.#hasPartials = options.hasPartials;
    this.#hasStates = options.hasStates;
  }

  event(event: Json): void {
    this.raw(JSON.stringify({ ...event, uuid: randomUUID(), session_id: this.sessionId }));
  }

  system(subtype: string, fields: Json = {}): void {
    this.event({ type: 'system', subtype, ...fields });
  }

  state(state: 'running' | 'requires_action' | 'idle'): void {
    if (this.#hasStates) this.system('session_state_changed', { state });
  }

  lifecycle(uuid: string, state: 'queued' | 'started' | 'completed' | 'cancelled'): void {
    this.event({ type: 'command_lifecycle', command_uuid: uuid, state });
  }

  /** A piece of the model's stream; only for those who asked for pieces. */
  piece(event: Json): void {
    if (this.#hasPartials) this.event({ type: 'stream_event', event, parent_tool_use_id: null });
  }

  control(line: Json): void {
    this.raw(JSON.stringify(line));
  }

  raw(line: string): void {
    writeAll(1, `${line}\n`);
  }
}

/** A pipe that is full makes the real program wait; so does it here. */
export function writeAll(fd: number, text: string): void {
  const bytes = Buffer.from(text);
  let written = 0;
  while (written < bytes.length) {
    try {
      written += writeSync(fd, bytes, written);
    } catch (error) {
      if (!isCode(error, 'EAGAIN')) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 1);
    }
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
