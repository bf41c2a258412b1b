/** An Ogg Opus stream, taken apart. */
export type OggOpus = {
  readonly channels: number;
  /** Samples at 48 kHz to leave out at the beginning. */
  readonly preSkip: number;
  readonly packets: readonly Uint8Array[];
};

const HEADER_BYTES = 27;
const FULL_SEGMENT = 255;

/**
 * The packets of a sound as phones record it: Ogg (RFC 3533) around Opus (RFC 7845), mono or stereo, one stream.
 * Undefined for anything else, and for what is broken.
 */
export function readOggOpus(bytes: Buffer): OggOpus | undefined {
  const [head, tags, ...packets] = readPackets(bytes);
  if (head === undefined || tags === undefined || head.length < 19) return undefined;
  if (head.toString('latin1', 0, 8) !== 'OpusHead' || tags.toString('latin1', 0, 8) !== 'OpusTags') return undefined;
  const channels = head.readUInt8(9);
  const mappingFamily = head.readUInt8(18);
  if (mappingFamily !== 0 || channels < 1 || channels > 2) return undefined;
  return { channels, preSkip: head.readUInt16LE(10), packets };
}

/** Of the first stream in it; as many as are whole. */
function readPackets(bytes: Buffer): Buffer[] {
  const packets: Buffer[] = [];
  let begun: Buffer[] = [];
  let serial: number | undefined;
  for (let at = 0; at + HEADER_BYTES <= bytes.length && bytes.toString('latin1', at, at + 4) === 'OggS'; ) {
    const pageSerial = bytes.readUInt32LE(at + 14);
    const segments = bytes.subarray(at + HEADER_BYTES, at + HEADER_BYTES + bytes.readUInt8(at + 26));
    serial ??= pageSerial;
    at += HEADER_BYTES + segments.length;
    for (const size of segments) {
      if (at + size > bytes.length) return packets;
      if (pageSerial === serial) begun.push(bytes.subarray(at, at + size));
      at += size;
      // A packet ends with the first segment that is not full.
      if (size === FULL_SEGMENT || pageSerial !== serial) continue;
      packets.push(Buffer.concat(begun));
      begun = [];
    }
  }
  return packets;
}
