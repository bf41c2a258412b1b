/** Cuts a text into pieces of at most so many characters; none is cut itself, though it may be two code units. */
export function piecesOf(text: string, size: number): readonly string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'gu')) ?? [];
}
