/** What a person would read in a message, whatever its kind; for assertions. */
export function readableText(messageType: string, content: string): string {
  const parsed: unknown = JSON.parse(content);
  if (messageType === 'text' && isRecord(parsed) && typeof parsed.text === 'string') return parsed.text;
  const { config: _, ...shown } = isRecord(parsed) ? parsed : {};
  return texts(shown).join('\n');
}

/** The `text`, `content` and `title` strings of a post or a card, in document order. */
function texts(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(texts);
  if (!isRecord(value)) return [];
  return Object.entries(value).flatMap(([key, inner]) => {
    if (typeof inner === 'string') return ['text', 'content', 'title'].includes(key) ? [inner] : [];
    return texts(inner);
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The callback value of the button in a card whose value names `actionId`. */
export function findButton(card: unknown, actionId: string): unknown {
  if (Array.isArray(card)) return card.map((inner) => findButton(inner, actionId)).find((found) => found !== undefined);
  if (!isRecord(card)) return undefined;
  if (card.type === 'callback' && isRecord(card.value) && Object.values(card.value).includes(actionId))
    return card.value;
  return findButton(Object.values(card), actionId);
}
