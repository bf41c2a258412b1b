import type { Text } from '@phonework/shared/language';
import { unknown } from './expansion.ts';
import { deletesSelectively, findStarts } from './find-command.ts';
import { findProtected, isDisk } from './protected-paths.ts';
import { destructionTexts as texts } from './verdict-texts.ts';

/** What one call would destroy by itself; `folder` is where it runs, as far as the line tells. */
export function findDestructiveCall(
  name: string,
  args: readonly string[],
  folder: string | undefined,
): Text | undefined {
  if (/^(mkfs(\..+)?|mke2fs|mkdosfs|mkntfs)$/.test(name)) return texts.formats;
  if (name.includes(unknown)) return findDeletion(args, folder);
  return destroyers.get(name)?.(args, folder);
}

type Destroyer = (args: readonly string[], folder: string | undefined) => Text | undefined;

const switchesOff: Destroyer = () => texts.switchesOff;

const destroyers: ReadonlyMap<string, Destroyer> = new Map<string, Destroyer>([
  ['rm', findDeletion],
  ['find', findFoundDeletion],
  ['rd', findWindowsDeletion],
  ['rmdir', findWindowsDeletion],
  ['del', findWindowsDeletion],
  ['erase', findWindowsDeletion],
  ['dd', findDiskCopy],
  ['format', (args) => (args.length > 0 ? texts.formats : undefined)],
  ['shutdown', switchesOff],
  ['reboot', switchesOff],
  ['halt', switchesOff],
  ['poweroff', switchesOff],
  ['init', (args) => (['0', '6'].includes(args[0] ?? '') ? switchesOff([], undefined) : undefined)],
  ['telinit', (args) => (['0', '6'].includes(args[0] ?? '') ? switchesOff([], undefined) : undefined)],
  ['systemctl', findPowerVerb],
  ['loginctl', findPowerVerb],
  ...['tee', 'cp', 'mv', 'shred', 'wipefs', 'blkdiscard', 'truncate'].map((name): [string, Destroyer] => [
    name,
    findDiskWrite,
  ]),
]);

function findDeletion(args: readonly string[], folder: string | undefined): Text | undefined {
  const end = args.indexOf('--');
  const beforeEnd = end === -1 ? args : args.slice(0, end);
  const options = beforeEnd.filter((arg) => /^-./.test(arg));
  const recursiveOrForced = options.some((option) => /^(-[a-zA-Z]*[rRf]|--rec|--for)/.test(option));
  if (!recursiveOrForced) return undefined;
  if (options.some((option) => option.startsWith('--no-p'))) return texts.deletes(texts.wholeDisk);
  const targets = [...beforeEnd.filter((arg) => !/^-./.test(arg)), ...(end === -1 ? [] : args.slice(end + 1))];
  return deletion(targets, folder);
}

function findFoundDeletion(args: readonly string[], folder: string | undefined): Text | undefined {
  if (!args.includes('-delete') || deletesSelectively(args)) return undefined;
  return deletion(findStarts(args), folder);
}

/** `rd /s /q C:\`: in a shell's reading the last backslash is gone. */
function findWindowsDeletion(args: readonly string[]): Text | undefined {
  return args.some((arg) => /^\/s$/i.test(arg))
    ? deletion(
        args.filter((arg) => /^[a-z]:/i.test(arg)),
        undefined,
      )
    : undefined;
}

function deletion(targets: readonly string[], folder: string | undefined): Text | undefined {
  const found = targets.map((target) => findProtected(target, folder)).find((name) => name !== undefined);
  return found && texts.deletes(found);
}

function findDiskCopy(args: readonly string[]): Text | undefined {
  if (args.some((arg) => /^of=/.test(arg) && /^\/+dev\/+(?!null$)/.test(arg.slice(3)))) return texts.overDisk;
  return args.some((arg) => arg.startsWith('if=')) ? texts.rawCopy : undefined;
}

function findDiskWrite(args: readonly string[]): Text | undefined {
  return args.some(isDisk) ? texts.overDisk : undefined;
}

function findPowerVerb(args: readonly string[]): Text | undefined {
  const power = /^(poweroff|reboot|halt|kexec|soft-reboot)(\.target)?$/;
  const [verb = '', ...units] = args.filter((arg) => !arg.startsWith('-'));
  const starts = ['start', 'isolate'].includes(verb) && units.some((unit) => power.test(unit));
  return starts || power.test(verb) ? switchesOff([], undefined) : undefined;
}
