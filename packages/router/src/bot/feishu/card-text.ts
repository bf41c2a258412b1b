import * as z from 'zod';

const Fields = z.record(z.string(), z.unknown());

/** What Feishu shows in the place of a card that it does not hand out. */
const placeholder = /请升级至最新版本客户端|upgrade to the latest version/i;

/** What a person reads nothing in, or that is there to be pressed. */
const withoutText = new Set(['button', 'hr', 'img', 'img_combination', 'action', 'overflow', 'select_static']);

/** Where an element keeps others. */
const inside = ['header', 'title', 'text', 'property', 'fields', 'elements', 'columns'] as const;

/**
 * The words of a card, in any of the forms in which Feishu hands cards out: as it was sent, wrapped, or as a kind of
 * post. Null where there are none.
 */
export function readCard(content: unknown): string | null {
  const card = fieldsOf(content);
  if (typeof card.json_card === 'string') return readCard(parseJson(card.json_card));
  const title = textsOf(fieldsOf(card.header).title ?? card.title);
  const body = fieldsOf(card.body);
  const elements = card.elements ?? body.elements ?? fieldsOf(body.property).elements;
  const lines = Array.isArray(elements) ? elements.map(readBlock) : [];
  const text = [...title, ...lines].join('\n').trim();
  return text === '' || placeholder.test(text) ? null : text;
}

/** An element of a card, or a line of a post. */
function readBlock(block: unknown): string {
  return textsOf(block).join(Array.isArray(block) ? '' : '\n');
}

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.flatMap(textsOf);
  const element = fieldsOf(value);
  if (typeof element.tag === 'string' && withoutText.has(element.tag)) return [];
  const own = typeof element.content === 'string' ? [element.content] : [];
  return [...own, ...inside.flatMap((field) => (field in element ? textsOf(element[field]) : []))];
}

function fieldsOf(value: unknown): Readonly<Record<string, unknown>> {
  return Fields.safeParse(value).data ?? {};
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // A card that can't be read has no words.
    return undefined;
  }
}
