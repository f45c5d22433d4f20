/** As much of HTTP/2 (RFC 9113) as two ends need that know each other: frames, no compression state, wide windows. */
import type { Socket } from "node:net";

export const Frame = { data: 0, headers: 1, settings: 4, ping: 6, windowUpdate: 8 } as const;
export const END_STREAM = 1;
export const END_HEADERS = 4;
const ACK = 1;
const HEAD_BYTES = 9;

export const PREFACE = Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "latin1");
const LARGEST_WINDOW = 0x7fff_ffff;
const DEFAULT_WINDOW = 0xffff;
/** Bytes of DATA after which the connection's window is opened again. */
const REFILL_AT = 1 << 29;

/** A frame; its stream can be set afterwards with `setStream`. */
export function frame(type: number, flags: number, payload: Uint8Array): Buffer {
  const bytes = Buffer.alloc(HEAD_BYTES + payload.length);
  bytes.writeUIntBE(payload.length, 0, 3);
  bytes[3] = type;
  bytes[4] = flags;
  bytes.set(payload, HEAD_BYTES);
  return bytes;
}

/** The stream identifier of the frame that begins at an offset. */
export function setStream(bytes: Buffer, offset: number, stream: number): void {
  bytes.writeUInt32BE(stream, offset + 5);
}

/** Header fields as literals that are never indexed and not Huffman-coded (RFC 7541, 6.2.2). */
export function headerBlock(fields: readonly (readonly [string, string])[]): Buffer {
  return Buffer.concat(fields.flatMap(([name, value]) => [Buffer.of(0), literal(name), literal(value)]));
}

/** A string with its length as an integer with a prefix of seven bits (RFC 7541, 5.1 and 5.2). */
function literal(text: string): Buffer {
  const size = [];
  let left = text.length;
  if (left < 127) size.push(left);
  else {
    size.push(127);
    for (left -= 127; left >= 128; left >>>= 7) size.push((left & 127) | 128);
    size.push(left);
  }
  return Buffer.concat([Buffer.from(size), Buffer.from(text, "latin1")]);
}

/**
 * One end of a connection. Opens its windows wide, answers SETTINGS and PING, and tells of each stream that the other
 * end has ended. It does not look at the other end's windows: Envoy's are megabytes, and little is under way.
 */
export class FrameConnection {
  readonly #socket: Socket;
  readonly #onEnded: (stream: number) => void;
  #rest: Buffer = Buffer.alloc(0);
  /** Bytes of the client's preface that are still to come. */
  #preface: number;
  #consumed = 0;

  constructor(socket: Socket, role: "client" | "server", onEnded: (stream: number) => void) {
    this.#socket = socket;
    this.#onEnded = onEnded;
    this.#preface = role === "server" ? PREFACE.length : 0;
    if (role === "client") socket.write(PREFACE);
    // SETTINGS_HEADER_TABLE_SIZE 0 and SETTINGS_INITIAL_WINDOW_SIZE.
    const settings = Buffer.from([0, 1, 0, 0, 0, 0, 0, 4, 0x7f, 0xff, 0xff, 0xff]);
    socket.write(frame(Frame.settings, 0, settings));
    this.#openWindow(LARGEST_WINDOW - DEFAULT_WINDOW);
    socket.on("data", (chunk: Buffer) => this.#take(chunk));
  }

  #openWindow(by: number): void {
    const payload = Buffer.alloc(4);
    payload.writeUInt32BE(by);
    this.#socket.write(frame(Frame.windowUpdate, 0, payload));
  }

  #take(chunk: Buffer): void {
    const bytes = this.#rest.length > 0 ? Buffer.concat([this.#rest, chunk]) : chunk;
    let at = Math.min(this.#preface, bytes.length);
    this.#preface -= at;
    while (bytes.length - at >= HEAD_BYTES) {
      const size = bytes.readUIntBE(at, 3);
      if (bytes.length - at < HEAD_BYTES + size) break;
      this.#frame(bytes, at, size);
      at += HEAD_BYTES + size;
    }
    this.#rest = bytes.subarray(at);
  }

  #frame(bytes: Buffer, at: number, size: number): void {
    const type = bytes[at + 3];
    const flags = bytes[at + 4] as number;
    if (type === Frame.data || type === Frame.headers) {
      if (type === Frame.data) this.#count(size);
      if (flags & END_STREAM) this.#onEnded(bytes.readUInt32BE(at + 5));
    } else if ((type === Frame.settings || type === Frame.ping) && !(flags & ACK)) {
      const payload = type === Frame.ping ? bytes.subarray(at + HEAD_BYTES, at + HEAD_BYTES + size) : Buffer.alloc(0);
      this.#socket.write(frame(type, ACK, payload));
    }
  }

  #count(size: number): void {
    this.#consumed += size;
    if (this.#consumed < REFILL_AT) return;
    this.#openWindow(this.#consumed);
    this.#consumed = 0;
  }
}
