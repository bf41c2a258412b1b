/** A page of a few sentences for a browser that may not have the console; it needs nothing else to be read. */
export function toPage(title: string, sentences: readonly string[]): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title} – PhoneWork</title>
<h1>${title}</h1>
${sentences.map((sentence) => `<p>${sentence}</p>`).join('\n')}
</html>
`;
}
