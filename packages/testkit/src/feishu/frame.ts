import protobuf from 'protobufjs';

/** One binary WebSocket message of Feishu's long connection (`pbbp2.Frame`, proto2). */
export type Frame = {
  readonly kind: 'control' | 'data';
  readonly service: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly payload: Buffer;
};

// The ids are uint64 with Feishu. We only send 0, which is the same on the wire, and the SDK, which may share this copy
// of protobufjs, switches its 64-bit numbers off.
const schema = `
  syntax = "proto2";
  package pbbp2;
  message Header { required string key = 1; required string value = 2; }
  message Frame {
    required uint32 SeqID = 1;
    required uint32 LogID = 2;
    required int32 service = 3;
    required int32 method = 4;
    repeated Header headers = 5;
    optional string payloadEncoding = 6;
    optional string payloadType = 7;
    optional bytes payload = 8;
    optional string LogIDNew = 9;
  }`;

const frameType = protobuf.parse(schema, { keepCase: true }).root.lookupType('pbbp2.Frame');
const kinds = ['control', 'data'] as const;

export function encodeFrame(frame: Frame): Uint8Array {
  return frameType
    .encode({
      SeqID: 0,
      LogID: 0,
      service: frame.service,
      method: kinds.indexOf(frame.kind),
      headers: Object.entries(frame.headers).map(([key, value]) => ({ key, value })),
      payload: frame.payload,
    })
    .finish();
}

/** Throws when the bytes are no frame. */
export function decodeFrame(bytes: Buffer): Frame {
  // What the schema above promises of a decoded message.
  const decoded = frameType.toObject(frameType.decode(bytes), { arrays: true, bytes: Buffer }) as {
    readonly service: number;
    readonly method: number;
    readonly headers: readonly { readonly key: string; readonly value: string }[];
    readonly payload?: Buffer;
  };
  const kind = kinds[decoded.method];
  if (kind === undefined) throw new Error(`a frame of the unknown method ${decoded.method}`);
  return {
    kind,
    service: decoded.service,
    headers: Object.fromEntries(decoded.headers.map(({ key, value }) => [key, value])),
    payload: decoded.payload ?? Buffer.alloc(0),
  };
}
