import type { Text } from '@phonework/shared/language';
import { findDestruction } from './destructive.ts';
import { findEffect } from './read-only.ts';
import { readScript } from './syntax.ts';
import { faultTexts } from './verdict-texts.ts';

/**
 * What a command line would do, as far as its text tells. `reason` is a short phrase that completes "It …", as in
 * "It deletes the whole disk", in Chinese "这条命令…"; of an unparseable one, a phrase that completes "It cannot be read: …".
 */
export type Verdict =
  | { readonly kind: 'read-only' }
  | { readonly kind: 'effects'; readonly reason: Text }
  | { readonly kind: 'destructive'; readonly reason: Text }
  | { readonly kind: 'unparseable'; readonly reason: Text };

/** Longer commands are not judged. Also keeps a command below what Linux takes as one argument (128 KiB). */
const maxCommandBytes = 20 * 1024;

/**
 * Judges the whole line as bash reads it: each stage of a pipeline, substitutions, redirections, and what wrappers
 * such as `sudo`, `env` or `bash -c` would run. "Read-only" is a promise and fails closed; "destructive" is a seat
 * belt, and says nothing about what it cannot see (a script on disk, code for another interpreter). `folder`: the absolute
 * path that it would run in.
 */
export function judge(command: string, folder?: string): Verdict {
  if (isTooLong(command)) return unparseable(faultTexts.tooLong);
  if (command.includes('\0')) return unparseable(faultTexts.nul);
  const { script, fault } = readScript(command);
  // A shell runs the lines before a syntax error, so a line with one is searched as well.
  const destruction = findDestruction(script, folder);
  if (destruction.kind === 'found') return { kind: 'destructive', reason: destruction.reason };
  if (destruction.kind === 'endless') return unparseable(faultTexts.endless);
  if (fault !== undefined) return unparseable(fault);
  const effect = findEffect(script);
  return effect === undefined ? { kind: 'read-only' } : { kind: 'effects', reason: effect };
}

export function isTooLong(command: string): boolean {
  return Buffer.byteLength(command) > maxCommandBytes;
}

function unparseable(reason: Text): Verdict {
  return { kind: 'unparseable', reason };
}
