/** Builds what the two sides of HTTP/2 send, in code; header blocks are written in whatever way a test wants them. */

export const PREFACE = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

export const DATA = 0;
export const HEADERS = 1;
export const RST_STREAM = 3;
export const SETTINGS = 4;
export const PUSH_PROMISE = 5;
export const GOAWAY = 7;
export const CONTINUATION = 9;

export const END_STREAM = 1;
export const END_HEADERS = 4;
export const PADDED = 8;
export const PRIORITY = 32;

export function frame(type: number, flags: number, stream: number, payload: Buffer | string = ""): Buffer {
  const body = Buffer.isBuffer(payload) ? payload : Buffer.from(payload, "latin1");
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** A number with a prefix of so many bits (RFC 7541, 5.1), and what stands in the bits before it. */
export function number(value: number, bits: number, before = 0): Buffer {
  const most = 2 ** bits - 1;
  if (value < most) return Buffer.from([before | value]);
  const bytes = [before | most];
  let rest = value - most;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return Buffer.from([...bytes, rest]);
}

export function string(text: string): Buffer {
  return Buffer.concat([number(text.length, 7), Buffer.from(text, "latin1")]);
}

/** A field of a table by its index. */
export const indexed = (index: number) => number(index, 7, 0x80);

/** A field that is written out, and stays out of the table unless `added`. */
export function literal(name: string | number, value: string, added = false): Buffer {
  const [bits, before] = added ? [6, 0x40] : [4, 0];
  if (typeof name === "number") return Buffer.concat([number(name, bits, before), string(value)]);
  return Buffer.concat([number(0, bits, before), string(name), string(value)]);
}

/** A header block on a stream, in one frame. */
export function headers(stream: number, fields: readonly Buffer[], last = false): Buffer {
  return frame(HEADERS, END_HEADERS | (last ? END_STREAM : 0), stream, Buffer.concat(fields));
}

export const GET = indexed(2);
export const POST = indexed(3);
export const OK = indexed(8);
export const path = (value: string, added = false) => literal(4, value, added);
export const status = (value: number, added = false) => literal(8, String(value), added);
export const grpc = (added = false) => literal(31, "application/grpc+proto", added);
export const grpcStatus = (value: number, added = false) => literal("grpc-status", String(value), added);

export const settings = () => frame(SETTINGS, 0, 0, Buffer.from([0, 3, 0, 0, 0, 100]));

/** What a client sends first. */
export const hello = () => Buffer.concat([Buffer.from(PREFACE), settings()]);
