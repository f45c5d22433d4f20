/** Messages of gRPC as they lie in HTTP/2: a byte for compression (none here), four for the length, the message. */
import type { Readable } from "node:stream";

const HEAD_BYTES = 5;

export function framed(message: Uint8Array): Buffer {
  const head = Buffer.alloc(HEAD_BYTES);
  head.writeUInt32BE(message.length, 1);
  return Buffer.concat([head, message]);
}

/** The messages of a stream, as they come. */
export async function* unframed<Message>(
  stream: Readable,
  decode: (bytes: Uint8Array) => Message,
): AsyncGenerator<Message, void> {
  let bytes = Buffer.alloc(0);
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk]);
    while (bytes.length >= HEAD_BYTES && bytes.length >= HEAD_BYTES + bytes.readUInt32BE(1)) {
      const end = HEAD_BYTES + bytes.readUInt32BE(1);
      yield decode(bytes.subarray(HEAD_BYTES, end));
      bytes = bytes.subarray(end);
    }
  }
}
