/** Builds frames of AMQP 0-9-1 in code. */

export const PROTOCOL = Buffer.from("AMQP\0\0\x09\x01", "latin1");

export function frame(type: number, channel: number, payload: Buffer): Buffer {
  const head = Buffer.alloc(7);
  head[0] = type;
  head.writeUInt16BE(channel, 1);
  head.writeUInt32BE(payload.length, 3);
  return Buffer.concat([head, payload, Buffer.from([0xce])]);
}

/** A method by its class and number, with arguments as they stand behind one another. */
export function method(
  channel: number,
  [group, number]: readonly [number, number],
  ...rest: readonly Buffer[]
): Buffer {
  return frame(1, channel, Buffer.concat([short(group), short(number), ...rest]));
}

export const octet = (value: number) => Buffer.from([value]);

export function short(value: number): Buffer {
  const bytes = Buffer.alloc(2);
  bytes.writeUInt16BE(value);
  return bytes;
}

export function wide(value: number): Buffer {
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(BigInt(value));
  return bytes;
}

export const name = (text: string) => Buffer.concat([octet(text.length), Buffer.from(text)]);

const NOTHING = short(0);
const TABLE = Buffer.alloc(4);

export const DECLARE = [50, 10] as const;
export const declare = (channel: number, queue: string, bits = 0) =>
  method(channel, DECLARE, NOTHING, name(queue), octet(bits), TABLE);
export const declared = (channel: number, queue: string) => method(channel, [50, 11], name(queue), Buffer.alloc(8));
export const bind = (channel: number, queue: string, exchange: string) =>
  method(channel, [50, 20], NOTHING, name(queue), name(exchange), name("key"), octet(0), TABLE);
export const consume = (channel: number, queue: string, bits = 0) =>
  method(channel, [60, 20], NOTHING, name(queue), name("tag"), octet(bits), TABLE);
export const get = (channel: number, queue: string) => method(channel, [60, 70], NOTHING, name(queue), octet(0));

/** A header, and a body in frames of at most 4,000 bytes. */
export function content(channel: number, body: string): Buffer {
  const header = frame(2, channel, Buffer.concat([short(60), NOTHING, wide(body.length), NOTHING]));
  const pieces = body.match(/.{1,4000}/gs) ?? [];
  return Buffer.concat([header, ...pieces.map((piece) => frame(3, channel, Buffer.from(piece)))]);
}

export const publish = (channel: number, exchange: string, key: string, body = "a message") =>
  Buffer.concat([method(channel, [60, 40], NOTHING, name(exchange), name(key), octet(0)), content(channel, body)]);

export const deliver = (channel: number, exchange: string, key: string, body = "a message") =>
  Buffer.concat([
    method(channel, [60, 60], name("tag"), wide(1), octet(0), name(exchange), name(key)),
    content(channel, body),
  ]);

export const confirmSelect = (channel: number) => method(channel, [85, 10], octet(0));
export const ack = (channel: number, number: number, multiple = false) =>
  method(channel, [60, 80], wide(number), octet(Number(multiple)));
export const nack = (channel: number, number: number) => method(channel, [60, 120], wide(number), octet(0));

/** channel.close, or on channel 0 connection.close, with the method that failed. */
export const close = (channel: number, code: number, [group, number]: readonly [number, number] = [0, 0]) =>
  method(channel, channel ? [20, 40] : [10, 50], short(code), name("a reason"), short(group), short(number));
