/** What "!" in front of a message means: it ends what runs, and goes next. */
export function readUrgency(text: string): { readonly isUrgent: boolean; readonly text: string } {
  const match = /^\s*[!！]\s*(?=\S)/.exec(text);
  return match === null ? { isUrgent: false, text } : { isUrgent: true, text: text.slice(match[0].length) };
}
