/** Conversations of DNS whose mutations the parser must stand. */
import { Connection, START, ip, udp } from "../packets.ts";
import type { Packet } from "../packets.ts";

export const A = 1;
export const AAAA = 28;

interface MessageWords {
  readonly name?: string;
  readonly type?: number;
  readonly opcode?: number;
  /** Makes it an answer. */
  readonly rcode?: number;
  /** What stands behind the question, and how many records of which kind that is. */
  readonly records?: Buffer;
  readonly counts?: readonly [number, number, number];
}

/** A message with one question. */
export function message(id: number, words: MessageWords = {}): Buffer {
  const { name = "shop.example", type = A, opcode = 0, rcode, records = Buffer.alloc(0), counts = [0, 0, 0] } = words;
  const flags = (rcode === undefined ? 0x0100 : 0x8180 | (rcode & 15)) | (opcode << 11);
  const labels = name.split(".").map((label) => Buffer.from(String.fromCharCode(label.length) + label, "latin1"));
  return Buffer.concat([numbers(id, flags, 1, ...counts), ...labels, Buffer.from([0]), numbers(type, 1), records]);
}

function numbers(...values: readonly number[]): Buffer {
  const bytes = Buffer.alloc(values.length * 2);
  values.forEach((value, i) => bytes.writeUInt16BE(value, i * 2));
  return bytes;
}

/** A record for the name of the question. */
export function record(type: number, ttl: number, data: Buffer): Buffer {
  const head = numbers(0xc00c, type, 1, ttl >>> 16, ttl & 0xffff, data.length);
  return Buffer.concat([head, data]);
}

/** What says of EDNS how it ended: the upper eight bits of the rcode. */
export function option(extended: number): Buffer {
  return Buffer.concat([Buffer.from([0]), numbers(41, 1232, extended << 8, 0, 0)]);
}

/** A message as it is over TCP: behind its length. */
export function framed(bytes: Buffer): Buffer {
  return Buffer.concat([numbers(bytes.length), bytes]);
}

/** Datagrams between a client and a server, a millisecond apart. */
export class Datagrams {
  readonly packets: Packet[] = [];
  micros = START;
  readonly #ends;

  constructor(ends = {}) {
    this.#ends = { client: "10.0.0.1", server: "10.0.0.53", clientPort: 40_000, serverPort: 5300, ...ends };
  }

  client(payload: Buffer): this {
    const { client, server, clientPort, serverPort } = this.#ends;
    return this.#add(client, server, udp(clientPort, serverPort, payload));
  }

  server(payload: Buffer): this {
    const { client, server, clientPort, serverPort } = this.#ends;
    return this.#add(server, client, udp(serverPort, clientPort, payload));
  }

  /** Lets time pass before the next one. */
  wait(millis: number): this {
    this.micros += millis * 1000;
    return this;
  }

  #add(source: string, destination: string, payload: Buffer): this {
    this.packets.push({ micros: this.micros, bytes: ip({ source, destination, protocol: 17, payload }) });
    this.micros += 1000;
    return this;
  }
}

const address = record(A, 60, Buffer.from([10, 0, 0, 7]));
const datagrams = new Datagrams()
  .client(message(1))
  .client(message(2, { type: AAAA }))
  .server(message(2, { type: AAAA, rcode: 3, records: option(0), counts: [0, 0, 1] }))
  .server(message(1, { rcode: 0, records: Buffer.concat([address, address, option(1)]), counts: [2, 0, 1] }))
  .client(message(3, { opcode: 5, type: 6 }))
  .server(message(3, { opcode: 5, type: 6, rcode: 9 }));

const connection = new Connection({ serverPort: 53 })
  .open()
  .client(Buffer.concat([framed(message(1)), framed(message(2, { type: 252 }))]))
  .server(Buffer.concat([framed(message(1, { rcode: 0, records: address, counts: [1, 0, 0] }))]))
  .server(framed(message(2, { type: 252, rcode: 0 })))
  .server(framed(message(2, { type: 252, rcode: 0 })))
  .close();

export const seeds: readonly (readonly Packet[])[] = [datagrams.packets, connection.packets];
