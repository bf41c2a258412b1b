import type { NamedNode } from './names.ts';
import { leadingName, nodesNamed } from './names.ts';
import { isWordEnd, spaceless } from './words.ts';

/** The nodes that a name at the start of a message may mean, and the message for them. */
type Address<Node> = { readonly nodes: readonly Node[]; readonly text: string };

/** A way to begin a message with a node's name. */
type Form = {
  readonly opening: RegExp;
  /** What has to follow the name, in the text behind it. */
  readonly closing: RegExp;
  /** In the text behind the opening: a word that may be how a name begins. Absent: only whole names count. */
  readonly word?: RegExp;
  /** When the node gets the message without opening, name and closing. */
  readonly strips: 'always' | 'whole names' | 'never';
};

/** "上传", "上次" and the like begin a word that has nothing to do with "在 … 上". */
const shang = '上(?:面|边)?(?![传次周个午线])';

const forms: readonly Form[] = [
  {
    opening: /^[@＠]/,
    closing: new RegExp(String.raw`^(?:[\s,:，：、]+|(?=[${spaceless}])|$)`, 'u'),
    word: /^[^\s,:，：、]+(?=[\s,:，：、]+\S)/,
    strips: 'always',
  },
  // "home-pc:8080" is an address, and stays whole.
  {
    opening: /^on\s+/i,
    closing: /^\s*(?:[,，：]|:(?!\d))\s*/,
    word: /^[^\s,:，：]+(?=\s*(?:[,，：]|:(?!\d)))/,
    strips: 'always',
  },
  {
    opening: /^在\s*/,
    closing: new RegExp(String.raw`^\s*${shang}[\s,:，：、]*`),
    word: new RegExp(String.raw`^[^\s,:，：]{1,200}?(?=\s*${shang})`),
    // "在桌面上" may be a machine called 桌面机, or just the desktop: its mailboy reads which.
    strips: 'whole names',
  },
  // Without a comma the name may be part of the sentence ("On windows the build fails"), which stays as it is.
  { opening: /^(?:on\s+|在\s*)/i, closing: /^/, strips: 'never' },
];

/** Reads "@name …", "on name, …", "在 name 上…" and the like; undefined when `message` begins with no node's name. */
export function readAddress<Node extends NamedNode>(
  message: string,
  nodes: readonly Node[],
): Address<Node> | undefined {
  for (const form of forms) {
    const opening = form.opening.exec(message)?.[0];
    if (opening === undefined) continue;
    const rest = message.slice(opening.length);
    const name = leadingName(
      rest,
      nodes,
      (text, index) => isWordEnd(text, index) && form.closing.test(text.slice(index)),
    );
    const beginning = name === undefined ? form.word?.exec(rest)?.[0] : undefined;
    const found = nodesNamed(name ?? beginning ?? '', nodes);
    if (found.length === 0) continue;
    const strips = form.strips === 'always' || (form.strips === 'whole names' && name !== undefined);
    const text = strips ? behind(rest, name ?? beginning ?? '', form.closing) : '';
    // A name alone is a message too.
    return { nodes: found, text: text === '' ? message : text };
  }
  return undefined;
}

function behind(rest: string, name: string, closing: RegExp): string {
  return rest.slice(name.length).replace(closing, '').trim();
}
