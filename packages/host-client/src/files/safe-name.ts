/** What Windows takes for a device, whatever its extension. */
const deviceName = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

const MAX_BYTES = 150;

/**
 * A name for a file that somebody else named: without folders, control characters, what shells or Windows read otherwise
 * and what would hide it; not one of `taken`. The same each time.
 */
export function safeName(name: string, taken: ReadonlySet<string>): string {
  const last = name.normalize('NFC').toWellFormed().split(/[/\\]/).at(-1) ?? '';
  const plain = last
    .replace(/[\p{Cc}\p{Cf}\u2028\u2029<>:"|?*'`$;&!]/gu, '_')
    .replace(/\s+/g, ' ')
    .replace(/^[.\s-]+|[.\s]+$/g, '');
  const { stem, extension } = split(deviceName.test(plain) ? `_${plain}` : plain || 'file');
  for (let number = 1; ; number += 1) {
    const ending = `${number === 1 ? '' : `-${number}`}${extension}`;
    const candidate = `${cutBytes(stem, MAX_BYTES - Buffer.byteLength(ending))}${ending}`;
    // Some disks do not tell capitals from small letters.
    if (![...taken].some((other) => other.toLowerCase() === candidate.toLowerCase())) return candidate;
  }
}

function split(name: string): { readonly stem: string; readonly extension: string } {
  const [extension = ''] = /(?<=.)\.\w{1,12}$/.exec(name) ?? [];
  return { stem: name.slice(0, name.length - extension.length), extension };
}

function cutBytes(text: string, maxBytes: number): string {
  let cut = '';
  let bytes = 0;
  for (const character of text) {
    bytes += Buffer.byteLength(character);
    if (bytes > maxBytes) break;
    cut += character;
  }
  return cut;
}
