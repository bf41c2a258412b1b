import type { Language, Text } from '@phonework/shared/language';

/** A few sentences; they are HTML, and so never from outside. */
export type Notice = { readonly title: Text; readonly sentences: readonly Text[] };

/** A page for a browser that may not have the console; it needs nothing else to be read. */
export function toPage({ title, sentences }: Notice, language: Language): string {
  return `<!doctype html>
<html lang="${language}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title[language]} – PhoneWork</title>
<h1>${title[language]}</h1>
${sentences.map((sentence) => `<p>${sentence[language]}</p>`).join('\n')}
</html>
`;
}
