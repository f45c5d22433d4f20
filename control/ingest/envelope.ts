import { Hello } from "#proto/ingest.ts";
import { MAX_KNOWN_HELLOS } from "./limits.ts";

/** A batch as it came in: what the inbox keeps. */
export interface ReceivedBatch {
  /** Who sent it. */
  readonly hello: Hello;
  /** Milliseconds since the epoch on control's clock. */
  readonly receivedMs: number;
  /** The same on the reporter's clock, when it was sent. */
  readonly sentMs: number;
  /** What has to be added to the reporter's clock to get control's; see clock.ts. */
  readonly clockOffsetMs: number;
  /** The encoded `sidelight.v1.Batch`, byte for byte as it was received. */
  readonly batch: Uint8Array;
}

/**
 * The stored form, little endian:
 *
 *     0      1           9        17              25            29      29+n
 *     | form | receivedMs | sentMs | clockOffsetMs | hello size n | hello | batch ... end |
 *       u8     f64          f64      f64             u32
 */
const FORM = 1;
const HEAD_BYTES = 29;

/** A reporter's Hello is in each of its entries, and the same for as long as its stream lasts. */
const encoded = new WeakMap<Hello, Uint8Array>();
const decoded = new Map<string, Hello>();

export function encodeReceived(received: ReceivedBatch): Buffer {
  const hello = encodeHello(received.hello);
  const bytes = Buffer.allocUnsafe(HEAD_BYTES + hello.length + received.batch.length);
  bytes.writeUInt8(FORM, 0);
  bytes.writeDoubleLE(received.receivedMs, 1);
  bytes.writeDoubleLE(received.sentMs, 9);
  bytes.writeDoubleLE(received.clockOffsetMs, 17);
  bytes.writeUInt32LE(hello.length, 25);
  bytes.set(hello, HEAD_BYTES);
  bytes.set(received.batch, HEAD_BYTES + hello.length);
  return bytes;
}

/** Throws when the bytes are of a newer form or cut short. */
export function decodeReceived(bytes: Buffer): ReceivedBatch {
  const form = bytes.readUInt8(0);
  if (form !== FORM) throw new Error(`Reading an inbox entry of form ${form}; this version knows form ${FORM}`);
  const helloEnd = HEAD_BYTES + bytes.readUInt32LE(25);
  if (helloEnd > bytes.length)
    throw new Error(`Reading an inbox entry: ${helloEnd} bytes stated, ${bytes.length} there`);
  return {
    hello: decodeHello(bytes.subarray(HEAD_BYTES, helloEnd)),
    receivedMs: bytes.readDoubleLE(1),
    sentMs: bytes.readDoubleLE(9),
    clockOffsetMs: bytes.readDoubleLE(17),
    batch: bytes.subarray(helloEnd),
  };
}

function encodeHello(hello: Hello): Uint8Array {
  const known = encoded.get(hello);
  if (known) return known;
  const bytes = Hello.encode(hello).finish();
  encoded.set(hello, bytes);
  return bytes;
}

function decodeHello(bytes: Buffer): Hello {
  const text = bytes.toString("latin1");
  const known = decoded.get(text);
  if (known) return known;
  if (decoded.size >= MAX_KNOWN_HELLOS) decoded.clear();
  const hello = Hello.decode(bytes);
  decoded.set(text, hello);
  return hello;
}
