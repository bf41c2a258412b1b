import type { Command, ParsedScript, Redirection, SyntaxNode } from 'unbash';
import type { Scope } from './expansion.ts';
import { expandText, expandWord, unknown } from './expansion.ts';
import { deletesSelectively, findStarts } from './find-command.ts';

/** What a script prints, where it is made of commands that only print what stands on the line; else undefined. */
export function outputOfScript(script: ParsedScript, scope: Scope): string | undefined {
  const outputs = script.commands.map(({ command }) => outputOf(command, undefined, scope));
  return outputs.every((output) => output !== undefined) ? outputs.join('') : undefined;
}

/** The same for one command or pipeline, given what it reads. */
export function outputOf(node: SyntaxNode, stdin: string | undefined, scope: Scope): string | undefined {
  if (node.type === 'Pipeline') {
    return node.commands.reduce((input: string | undefined, stage) => outputOf(stage, input, scope), stdin);
  }
  return node.type === 'Command' ? outputOfCommand(node, inputOf(node.redirects, scope) ?? stdin, scope) : undefined;
}

/** What a here-document or here-string gives the command to read. */
export function inputOf(redirects: readonly Redirection[], scope: Scope): string | undefined {
  const redirect = redirects.findLast(({ type }) => type === 'HereDoc' || type === 'HereString');
  if (redirect?.type === 'HereDoc') return expandText(redirect.body.parts, redirect.body.text, scope);
  return redirect?.type === 'HereString' && redirect.target ? expandWord(redirect.target, scope).join(' ') : undefined;
}

function outputOfCommand(command: Command, stdin: string | undefined, scope: Scope): string | undefined {
  const [name, ...args] = [command.name, ...command.args].flatMap((word) => (word ? expandWord(word, scope) : []));
  switch (name) {
    case 'echo':
      return `${spellOut(args.filter((arg) => !/^-[neE]+$/.test(arg)).join(' '))}\n`;
    case 'printf':
      return printed(args);
    case 'cat':
      return args.every((arg) => arg === '-') ? stdin : undefined;
    case 'which':
      return args[0];
    case 'command':
      return args[0] === '-v' ? args[1] : undefined;
    case 'base64':
      if (stdin === undefined || !args.some((arg) => /^(-[dD]|--decode)$/.test(arg))) return undefined;
      return Buffer.from(stdin, 'base64').toString();
    case 'find':
      return deletesSelectively(args) ? undefined : findStarts(args).join('\n');
    default:
      return undefined;
  }
}

function printed([format = '', ...values]: readonly string[]): string {
  if (!/%[sb]/.test(format)) return spellOut(format);
  const pattern = spellOut(format);
  let used = 0;
  let output = '';
  do output += pattern.replace(/%[sb]/g, () => values[used++] ?? '');
  while (used < values.length && output.length < 65_536);
  return output;
}

/** The escapes of `echo -e` and `printf` that can spell a letter. */
function spellOut(text: string): string {
  return text.replace(/\\(?:x([0-9a-f]{1,2})|0?([0-7]{1,3})|([nt]))/gi, (_, hex, octal, blank) => {
    if (blank !== undefined) return blank.toLowerCase() === 'n' ? '\n' : '\t';
    const code = hex === undefined ? Number.parseInt(octal, 8) : Number.parseInt(hex, 16);
    return code === 0 ? unknown : String.fromCharCode(code);
  });
}
