import * as fc from 'fast-check';
import { parseCommand } from '../../../../packages/host-client/src/commands/command.ts';
import { safeName } from '../../../../packages/host-client/src/files/safe-name.ts';
import { decodeText, readMark } from '../../../../packages/host-client/src/files/text-encoding.ts';
import { parseNewSession } from '../../../../packages/host-client/src/sessions/new-session-request.ts';
import { readableJson } from '../../../../packages/host-client/src/sessions/readable-json.ts';
import { toolLabel } from '../../../../packages/host-client/src/sessions/tool-label.ts';
import { judge } from '../../../../packages/host-client/src/shell/policy.ts';
import { simpleCalls } from '../../../../packages/host-client/src/shell/simple-calls.ts';
import { parseReminderTime } from '../../../../packages/host-client/src/tasks/reminder-time.ts';
import { TimeZone } from '../../../../packages/host-client/src/tasks/time-zone.ts';
import { readInvocation, UsageError, usage } from '../../../../packages/shared/src/flags.ts';
import { expectThat } from '../../door.ts';
import { jsonOf, mutated, strangeText, textOf } from '../../strange.ts';
import type { Reader } from './reader.ts';

const clock = { now: Date.UTC(2026, 1, 28, 12), zone: new TimeZone('Europe/Berlin') };

const program = {
  name: 'phonework-router',
  summary: 'The router.',
  version: '0.1.0',
  configFile: 'keyring.yaml',
  commands: [
    { name: 'node add', parameters: 'NAME', summary: 'Adds a node.', flags: ['user'] },
    { name: 'node remove', parameters: 'NAME', summary: 'Removes a node.', flags: [] },
  ],
};

const toolUse = {
  name: 'Edit',
  input: { file_path: '/w/a.ts', old_string: 'a', new_string: 'b', command: 'ls', todos: [{}] },
};

/** What reads commands, times and the output of programs on a node. */
export const machineReaders: readonly Reader[] = [
  {
    name: 'the shell judge',
    isApart: true,
    inputs: textOf(
      [
        ...[
          'ls',
          'rm ',
          '-rf ',
          '/',
          '~',
          '.',
          ' ',
          ';',
          '&&',
          '||',
          '|',
          '&',
          '>',
          '>>',
          '<',
          '<<EOF\n',
          '\n',
          'EOF',
          '2>&1',
        ],
        ...[
          '$(',
          '`',
          ')',
          '(',
          '{',
          '}',
          '{a,b}',
          '${x:-',
          '$x',
          '"',
          "'",
          '\\',
          '*',
          '?',
          '[',
          ']',
          '!',
          '#',
          '=',
          'x=1 ',
        ],
        ...[
          'if ',
          'then ',
          'fi',
          'for i in ',
          'do ',
          'done',
          'while ',
          'case ',
          'esac',
          'function f',
          '(){ ',
          ':|:&',
          '[[ ',
          ']]',
        ],
        ...[
          'git ',
          'sudo ',
          'env ',
          'bash -c ',
          'xargs ',
          'find . -exec ',
          'eval ',
          'echo ',
          '$((',
          '))',
          '<(',
          '>(',
          'dd if=',
        ],
      ],
      30,
    ),
    read: (text) => {
      const verdict = judge(text, '/home/alice');
      const calls = simpleCalls(text);
      return () => {
        // A standing permission for nothing would be one for this.
        expectThat(!(verdict.kind === 'destructive' && calls?.length === 0), 'destructive, and nothing is called');
        if (verdict.kind !== 'read-only') expectThat(verdict.reason.en !== '' && verdict.reason.zh !== '', 'no reason');
      };
    },
  },
  {
    name: 'reminder times',
    inputs: textOf([
      ...[
        'in ',
        'at ',
        'every ',
        'tomorrow',
        'next ',
        'monday',
        '9:00',
        '25:61',
        'pm',
        '3',
        '999999999',
        'days',
        'min',
        'h',
        ' ',
        ',',
      ],
      ...[
        '明天',
        '后天',
        '下周',
        '三',
        '点',
        '半',
        '每',
        '隔',
        '小时',
        '分钟',
        '晚上',
        '2026-02-30',
        'T10:00Z',
        '+23:59',
        'x5',
        '次',
        'me to ',
      ],
      ...[
        'last day',
        '31',
        'february',
        'a ',
        'half ',
        '0.000001',
        '零',
        '十',
        '两',
        'and ',
        '-',
        '.',
        '29.2.',
        '下午',
        '号',
        '月',
        '年',
      ],
    ]),
    read: (text) => {
      const reading = parseReminderTime(text, clock);
      if (reading === undefined) return undefined;
      return () => {
        expectThat(Number.isFinite(reading.value.at), `at is ${reading.value.at}`);
        expectThat(text.trim().endsWith(reading.rest), 'the message is not the end of the text');
      };
    },
  },
  {
    name: 'slash commands',
    inputs: textOf([
      '/',
      '/new',
      ' ',
      ':',
      '：',
      '"',
      "'",
      '--timeout ',
      '—',
      '120',
      '~',
      '/w',
      'name',
      '\\',
      '\n',
      '“',
      '”',
    ]),
    read: (text) => {
      const command = parseCommand(text);
      if (command === undefined) return undefined;
      const request = parseNewSession(command.argument);
      const prompt = 'prompt' in request ? request.prompt?.trim() : undefined;
      return () => expectThat(prompt === undefined || text.includes(prompt), 'another prompt');
    },
  },
  {
    name: 'flags of a program',
    inputs: textOf([
      '--',
      '-',
      'config',
      '=',
      '\0',
      'help',
      'h',
      'node',
      'add',
      'user',
      'data-dir',
      'x',
      '--user\0',
      '--config\0',
    ]),
    read: (text) => {
      try {
        // No system takes much more as one argument, and it is read once, at the start.
        readInvocation(program, text.slice(0, 2000).split('\0'));
        return undefined;
      } catch (error) {
        if (!(error instanceof UsageError)) throw error;
        return () => expectThat(error.message !== '' && usage(program) !== '', 'no sentence');
      }
    },
  },
  {
    name: 'the input of a tool',
    inputs: jsonOf(mutated(fc.constant(toolUse.input))),
    read: (text) => {
      const input = recordIn(text);
      if (input === undefined) return undefined;
      readableJson(input);
      const names = ['Edit', 'Bash', 'TodoWrite', 'Task', 'mcp__x__y', text.slice(0, 20)];
      const labels = names.map((name) => toolLabel({ name, input }, '/w', 60));
      return () =>
        expectThat(
          labels.every((label) => [...label].length <= 62),
          'a label that is too long',
        );
    },
  },
  {
    name: 'bytes of a file',
    inputs: textOf(['\u00ff\u00fe', '\u00fe\u00ff', '\u00ef\u00bb\u00bf', '\0', 'a', '\u00e4\u00b8\u00ad', '\n'], 6),
    read: (text) => {
      const bytes = Buffer.from(text, 'latin1');
      decodeText(bytes, readMark(bytes));
      return undefined;
    },
  },
  {
    name: 'names of files',
    inputs: strangeText,
    read: (text) => {
      const name = safeName(text, new Set(['x']));
      return () => {
        expectThat(name !== '' && name !== '.' && name !== '..', 'no name');
        expectThat(!/[/\0]/.test(name) && Buffer.byteLength(name) <= 255, 'a name that no file can have');
      };
    },
  },
];

function recordIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
  } catch {
    return undefined;
  }
}
