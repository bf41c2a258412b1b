import { setImmediate as nextTurn } from 'node:timers/promises';
import type { OggOpus } from './ogg-opus.ts';

/** Samples a second. */
export const PCM_RATE = 16_000;

/** How long the event loop is kept at most. */
const SLICE_MS = 8;

/** RFC 6716: no packet is longer. */
const MAX_PACKET_BYTES = 1275 * 48 + 100;

/**
 * The sound as signed 16-bit samples (little-endian, mono, PCM_RATE a second), decoded in small slices. Undefined where it
 * is longer than `maxMs`, or broken. Rejects when `signal` is aborted.
 */
export async function decodeOpus(
  { channels, preSkip, packets }: OggOpus,
  { maxMs, signal }: { readonly maxMs: number; readonly signal: AbortSignal },
): Promise<Buffer | undefined> {
  if (packets.some(({ length }) => length === 0 || length > MAX_PACKET_BYTES)) return undefined;
  // Loaded when it is first needed: few people speak to a bot.
  const { OpusDecoder } = await import('opus-decoder');
  // Loading it and setting it up take their time, each.
  await nextTurn();
  const decoder = new OpusDecoder({ sampleRate: PCM_RATE, channels, preSkip });
  await decoder.ready;
  try {
    const pieces: Buffer[] = [];
    let samples = 0;
    let sliceBegan = performance.now();
    for (const packet of packets) {
      const { channelData, samplesDecoded, errors } = decoder.decodeFrame(packet);
      samples += samplesDecoded;
      if (errors.length > 0 || samples > (maxMs / 1000) * PCM_RATE) return undefined;
      pieces.push(toPcm(channelData, samplesDecoded));
      if (performance.now() - sliceBegan < SLICE_MS) continue;
      await nextTurn();
      signal.throwIfAborted();
      sliceBegan = performance.now();
    }
    return Buffer.concat(pieces);
  } finally {
    decoder.free();
  }
}

/** The channels' mean; samples come between -1 and 1. */
function toPcm(channelData: readonly Float32Array[], samples: number): Buffer {
  const pcm = Buffer.alloc(samples * 2);
  for (let sample = 0; sample < samples; sample += 1) {
    const sum = channelData.reduce((total, channel) => total + (channel[sample] ?? 0), 0);
    const mean = Math.max(-1, Math.min(1, sum / channelData.length));
    pcm.writeInt16LE(Math.round(mean * 32_767), sample * 2);
  }
  return pcm;
}
