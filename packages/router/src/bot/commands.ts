import { texts } from '../texts.ts';

/** A command that the router answers itself; every other one goes to the node. */
export type Command = { readonly name: string; run(): string };

const commands: readonly Command[] = [{ name: '/help', run: () => texts.help }];

/** The router's command that `text` calls, if it calls one. */
export function findCommand(text: string): Command | undefined {
  const [name = ''] = text.split(/\s/, 1);
  return commands.find((command) => command.name === name.toLowerCase());
}
