/**
 * A program's output for people and models: lines end with `\n`, colours and cursor movements are dropped, and what is
 * left of control characters is shown as a picture. Linear in time whatever the text.
 */
export function toPlainText(text: string): string {
  return text
    .replace(/\r\n/g, '\n')
    .replace(/[^\P{Cc}\n\t]/gu, pictureOf)
    .replace(/␛\[[0-?]*[ -/]*[@-~]/g, '')
    .replace(/␛\][^␇␛\n]*(?:␇|␛\\)/g, '');
}

/** The same on one line, as for the name of a file: it may contain ends of lines. */
export function toPlainLine(text: string): string {
  return toPlainText(text).replaceAll('\n', '␊').replaceAll('\t', ' ');
}

function pictureOf(control: string): string {
  const code = control.charCodeAt(0);
  if (code === 0x7f) return '␡';
  return code < 0x20 ? String.fromCharCode(0x2400 + code) : '\ufffd';
}
