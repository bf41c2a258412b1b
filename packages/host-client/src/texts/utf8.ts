/** Whether a byte of UTF-8 goes on with a character: 10xxxxxx. There are three such in a character at most. */
export function isContinuation(byte: number | undefined): boolean {
  return byte !== undefined && (byte & 0xc0) === 0x80;
}

/** Without the rest of a character that began before `bytes`. */
export function withoutCutBeginning(bytes: Buffer): Buffer {
  let start = 0;
  while (start < 3 && isContinuation(bytes[start])) start += 1;
  return bytes.subarray(start);
}
