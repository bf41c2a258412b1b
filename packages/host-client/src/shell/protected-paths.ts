import { posix } from 'node:path';
import type { Text } from '@phonework/shared/language';
import { destructionTexts as texts } from './verdict-texts.ts';

const systemFolders = [
  ...['bin', 'boot', 'dev', 'etc', 'home', 'lib', 'lib32', 'lib64', 'libx32', 'media', 'mnt', 'nix', 'opt', 'proc'],
  ...['root', 'run', 'sbin', 'srv', 'sys', 'usr', 'usr/bin', 'usr/lib', 'usr/local', 'usr/sbin', 'usr/share', 'var'],
  ...['var/lib', 'Applications', 'Library', 'System', 'Users', 'Volumes', 'private', 'private/etc', 'private/var'],
].map((name) => `/${name}`);

/**
 * What deleting `target` would delete, where that is the disk, a system folder or a home: "the whole disk". A target is
 * as the program gets it, patterns unexpanded; `folder` is the current one as far as the line tells.
 */
export function findProtected(target: string, folder: string | undefined): Text | undefined {
  if (/^[a-z]:[\\/]?[*.]*$/i.test(target)) return texts.wholeDisk;
  const path = withoutWildcards(normalize(target, folder));
  if (path === '/') return texts.wholeDisk;
  if (/^\/home\/~[^/]*$/.test(path)) return texts.home;
  if (/^\/(home|Users)\/[^/]+$/.test(path) && path !== '/Users/Shared') return texts.homeOf(path);
  const matches = toMatcher(path);
  const system = systemFolders.find(matches);
  return system === undefined ? undefined : texts.system(system);
}

/** Disks and their partitions: writing there writes over every file on them. */
export function isDisk(path: string): boolean {
  return /^\/+dev\/+(\.\/)*(sd[a-z]|hd[a-z]|vd[a-z]|xvd[a-z]|nvme\d|mmcblk\d|r?disk\d|dm-\d|md\d|mapper\/)/.test(path);
}

/** Homes are spelled /home/~ here, so that `~/..` comes out as /home. A home after a slash comes from `/$HOME`. */
function normalize(target: string, folder: string | undefined): string {
  const absolute = /^[/~]/.test(target) || folder === undefined ? target : `${folder}/${target}`;
  const path = posix.normalize(absolute.replace(/^\/*(?=~)/, '/home/'));
  return path.replace(/(?<=.)\/+$/, '');
}

/** What a pattern like `/*` or `/etc/.[!.]*` stands in: deleting all of it is as bad. */
function withoutWildcards(path: string): string {
  const segments = path.split('/');
  while (segments.length > 1 && /^(?=.*\*)[*?.!^[\]]+$/.test(segments.at(-1) ?? '')) segments.pop();
  return segments.join('/') || (path.startsWith('/') ? '/' : '');
}

function toMatcher(pattern: string): (path: string) => boolean {
  if (!/[*?[]/.test(pattern)) return (path) => path === pattern;
  return (path) => matchesPattern(path, pattern);
}

/** File patterns of the shell, without character classes such as `[:alpha:]`. */
export function matchesPattern(text: string, pattern: string): boolean {
  // Nobody writes such a pattern in good faith, and it would take long.
  if (pattern.length > 500) return true;
  let source = '';
  for (let index = 0; index < pattern.length; index++) {
    const char = pattern.charAt(index);
    const end = char === '[' ? pattern.indexOf(']', index + 2) : -1;
    if (end !== -1) {
      source += toCharacterSet(pattern.slice(index + 1, end));
      index = end;
    } else if (char === '*') {
      // Several stars in a row mean one, and would make the matcher slow.
      if (!source.endsWith('[^/]*')) source += '[^/]*';
    } else source += char === '?' ? '[^/]' : char.replace(/[\\^$.|+()[\]{}]/, '\\$&');
  }
  try {
    return new RegExp(`^${source}$`).test(text);
  } catch {
    // A set that makes no sense, such as [z-a], matches nothing.
    return false;
  }
}

function toCharacterSet(set: string): string {
  const negated = /^[!^]/.test(set);
  return `[${negated ? '^' : ''}${set.slice(negated ? 1 : 0).replace(/[\\[\]^]/g, '\\$&')}]`;
}
