/**
 * Builds captures in code: packets of a conversation between a client and a server, framed and put into a file. What a
 * test wants to go wrong it does to the packets.
 */

export interface Packet {
  /** Microseconds since 1970. */
  readonly micros: number;
  /** An IP packet. */
  readonly bytes: Buffer;
  /** Of a capture of all interfaces ("sll2"): which one it crosses, and whether out of the node. */
  readonly crossing?: { readonly index: number; readonly isOut: boolean };
}

/** Beginning of all conversations: 2025-01-01T00:00:00Z. */
export const START = 1_735_689_600_000_000;

export const FIN = 1;
export const SYN = 2;
export const RST = 4;
export const PSH = 8;
export const ACK = 16;

interface Ends {
  readonly client?: string;
  readonly server?: string;
  readonly clientPort?: number;
  readonly serverPort?: number;
  /** Initial sequence numbers. */
  readonly clientSequence?: number;
  readonly serverSequence?: number;
}

/**
 * A TCP connection whose packets collect in `packets`, a millisecond apart. Each method sends one packet as its name says;
 * sequence numbers follow from what was sent.
 */
export class Connection {
  readonly packets: Packet[] = [];
  micros = START;
  readonly #ends: Required<Ends>;
  readonly #next: { client: number; server: number };

  constructor(ends: Ends = {}) {
    this.#ends = {
      client: "10.0.0.1",
      server: "10.0.0.2",
      clientPort: 40_000,
      serverPort: 8080,
      clientSequence: 1_000,
      serverSequence: 5_000,
      ...ends,
    };
    this.#next = { client: this.#ends.clientSequence, server: this.#ends.serverSequence };
  }

  /** SYN, SYN/ACK, ACK. */
  open(): this {
    return this.client("", SYN)
      .server("", SYN | ACK)
      .client("", ACK);
  }

  /** FIN of both. */
  close(): this {
    return this.client("", FIN | ACK)
      .server("", FIN | ACK)
      .client("", ACK);
  }

  client(payload: string | Buffer, flags = PSH | ACK): this {
    return this.#send("client", payload, flags);
  }

  server(payload: string | Buffer, flags = PSH | ACK): this {
    return this.#send("server", payload, flags);
  }

  /** Lets time pass before the next packet. */
  wait(millis: number): this {
    this.micros += millis * 1000;
    return this;
  }

  #send(from: "client" | "server", payload: string | Buffer, flags: number): this {
    const to = from === "client" ? "server" : "client";
    const body = Buffer.isBuffer(payload) ? payload : Buffer.from(payload, "latin1");
    const segment = tcp({
      source: from === "client" ? this.#ends.clientPort : this.#ends.serverPort,
      destination: from === "client" ? this.#ends.serverPort : this.#ends.clientPort,
      sequence: this.#next[from],
      acknowledged: flags & ACK ? this.#next[to] : 0,
      flags,
      payload: body,
    });
    const bytes = ip({ source: this.#ends[from], destination: this.#ends[to], protocol: 6, payload: segment });
    this.packets.push({ micros: this.micros, bytes });
    this.micros += 1000;
    const taken = body.length + (flags & SYN ? 1 : 0) + (flags & FIN ? 1 : 0);
    this.#next[from] = (this.#next[from] + taken) % 2 ** 32;
    return this;
  }
}

interface Segment {
  readonly source: number;
  readonly destination: number;
  readonly sequence: number;
  readonly acknowledged: number;
  readonly flags: number;
  readonly payload: Buffer;
}

export function tcp({ source, destination, sequence, acknowledged, flags, payload }: Segment): Buffer {
  const header = Buffer.alloc(20);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt32BE(sequence % 2 ** 32, 4);
  header.writeUInt32BE(acknowledged, 8);
  header[12] = 5 << 4;
  header[13] = flags;
  header.writeUInt16BE(65_535, 14);
  return Buffer.concat([header, payload]);
}

export function udp(source: number, destination: number, payload: Buffer): Buffer {
  const header = Buffer.alloc(8);
  header.writeUInt16BE(source, 0);
  header.writeUInt16BE(destination, 2);
  header.writeUInt16BE(8 + payload.length, 4);
  return Buffer.concat([header, payload]);
}

interface IpWords {
  readonly source: string;
  readonly destination: string;
  readonly protocol: number;
  readonly payload: Buffer;
}

/** IPv6 where the addresses have a colon. */
export function ip(words: IpWords): Buffer {
  return words.source.includes(":") ? ip6(words) : ip4(words);
}

function ip4({ source, destination, protocol, payload }: IpWords): Buffer {
  const header = Buffer.alloc(20);
  header[0] = 0x45;
  header.writeUInt16BE(20 + payload.length, 2);
  header[8] = 64;
  header[9] = protocol;
  header.set(source.split(".").map(Number), 12);
  header.set(destination.split(".").map(Number), 16);
  return Buffer.concat([header, payload]);
}

function ip6({ source, destination, protocol, payload }: IpWords): Buffer {
  const header = Buffer.alloc(40);
  header[0] = 0x60;
  header.writeUInt16BE(payload.length, 4);
  header[6] = protocol;
  header[7] = 64;
  address6(source).copy(header, 8);
  address6(destination).copy(header, 24);
  return Buffer.concat([header, payload]);
}

function address6(text: string): Buffer {
  const [head = "", tail = ""] = text.split("::");
  const before = head.split(":").filter(Boolean);
  const after = tail.split(":").filter(Boolean);
  const zeros = new Array<string>(8 - before.length - after.length).fill("0");
  const bytes = Buffer.alloc(16);
  [...before, ...zeros, ...after].forEach((group, i) => bytes.writeUInt16BE(Number.parseInt(group, 16), i * 2));
  return bytes;
}

/** Cuts an IPv4 packet into fragments whose payload has at most `size` bytes, a multiple of eight. */
export function fragments({ micros, bytes }: Packet, size: number): Packet[] {
  const payload = bytes.subarray(20);
  const cut: Packet[] = [];
  for (let at = 0; at < payload.length; at += size) {
    const part = payload.subarray(at, at + size);
    const header = Buffer.from(bytes.subarray(0, 20));
    header.writeUInt16BE(20 + part.length, 2);
    header.writeUInt16BE(77, 4);
    header.writeUInt16BE((at + size < payload.length ? 0x2000 : 0) | (at >> 3), 6);
    cut.push({ micros, bytes: Buffer.concat([header, part]) });
  }
  return cut;
}

/** What stands before an IP packet, by link type. */
export const FRAMES: Readonly<Record<string, { link: number; frame: (packet: Buffer) => Buffer }>> = {
  loopback: { link: 0, frame: (packet) => Buffer.concat([Buffer.from([2, 0, 0, 0]), packet]) },
  ethernet: { link: 1, frame: (packet) => Buffer.concat([Buffer.alloc(12), etherType(packet), packet]) },
  vlan: {
    link: 1,
    frame: (packet) => Buffer.concat([Buffer.alloc(12), Buffer.from("81000007", "hex"), etherType(packet), packet]),
  },
  qinq: {
    link: 1,
    frame: (packet) =>
      Buffer.concat([Buffer.alloc(12), Buffer.from("88a8000781000008", "hex"), etherType(packet), packet]),
  },
  "Cisco's tag": {
    link: 1,
    frame: (packet) =>
      Buffer.concat([Buffer.alloc(12), Buffer.from("8909010100010002", "hex"), etherType(packet), packet]),
  },
  "Cisco HDLC": {
    link: 104,
    frame: (packet) => Buffer.concat([Buffer.from("0f00", "hex"), etherType(packet), packet]),
  },
  ARCnet: { link: 129, frame: (packet) => Buffer.concat([Buffer.from("be500000d4000166", "hex"), packet]) },
  raw: { link: 101, frame: (packet) => packet },
  sll: { link: 113, frame: (packet) => Buffer.concat([Buffer.alloc(14), etherType(packet), packet]) },
  sll2: { link: 276, frame: (packet) => Buffer.concat([etherType(packet), Buffer.alloc(18), packet]) },
};

function etherType(packet: Buffer): Buffer {
  return Buffer.from(packet[0]! >> 4 === 6 ? "86dd" : "0800", "hex");
}

interface FileWords {
  readonly frame?: string;
  readonly bigEndian?: boolean;
  readonly nanos?: boolean;
  /** Bytes that are captured of each frame. */
  readonly snaplen?: number;
}

/** A pcap file. */
export function pcap(packets: readonly Packet[], words: FileWords = {}): Buffer {
  const { link, frame } = FRAMES[words.frame ?? "ethernet"]!;
  const header = numbers([words.nanos ? 0xa1b23c4d : 0xa1b2c3d4, 0x0004_0002, 0, 0, 262_144, link], words);
  if (words.bigEndian) header.writeUInt32BE(0x0002_0004, 4);
  const records = packets.map(({ micros, bytes, crossing }) => {
    const whole = frame(bytes);
    if (crossing) {
      whole.writeUInt32BE(crossing.index, 4);
      whole[10] = crossing.isOut ? 4 : 0;
    }
    const captured = whole.subarray(0, words.snaplen ?? whole.length);
    const fraction = (micros % 1_000_000) * (words.nanos ? 1000 : 1);
    const start = numbers([Math.floor(micros / 1_000_000), fraction, captured.length, whole.length], words);
    return Buffer.concat([start, captured]);
  });
  return Buffer.concat([header, ...records]);
}

/** A pcapng file, with an interface for each link type that is named; packets go to them in turn. */
export function pcapng(packets: readonly Packet[], frames: readonly string[], resolution = 6): Buffer {
  const section = block(0x0a0d0d0a, numbers([0x1a2b3c4d, 1, 0xffffffff, 0xffffffff]));
  const interfaces = frames.map((name) => {
    const option = Buffer.from([9, 0, 1, 0, resolution, 0, 0, 0, 0, 0, 0, 0]);
    return block(1, Buffer.concat([numbers([FRAMES[name]!.link, 0]), option]));
  });
  const enhanced = packets.map(({ micros, bytes }, i) => {
    const number = i % frames.length;
    const captured = FRAMES[frames[number]!]!.frame(bytes);
    const ticks = BigInt(micros) * 10n ** BigInt(resolution - 6);
    const times = [Number(ticks >> 32n), Number(ticks & 0xffffffffn)];
    return block(6, Buffer.concat([numbers([number, ...times, captured.length, captured.length]), captured]));
  });
  return Buffer.concat([section, ...interfaces, ...enhanced]);
}

function block(type: number, body: Buffer): Buffer {
  const padded = Buffer.concat([body, Buffer.alloc((4 - (body.length % 4)) % 4)]);
  const size = numbers([padded.length + 12]);
  return Buffer.concat([numbers([type]), size, padded, size]);
}

function numbers(values: readonly number[], { bigEndian }: { readonly bigEndian?: boolean } = {}): Buffer {
  const bytes = Buffer.alloc(values.length * 4);
  values.forEach((value, i) => (bigEndian ? bytes.writeUInt32BE(value, i * 4) : bytes.writeUInt32LE(value, i * 4)));
  return bytes;
}
