/**
 * How much memory many connections take: a process of its own reads packets that it makes, and writes how much is resident of it.
 *
 *     node --expose-gc --import tsx bench/tap/flows.ts KIND COUNT
 */
import { DocumentSums } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { ACK, START, SYN, ip, pcap, tcp } from "../../tests/tap/packets.ts";
import type { Packet } from "../../tests/tap/packets.ts";

/** Connections that are open, each with a request under way; that were never answered; of which one packet was seen. */
export type Kind = "open" | "syn" | "once";

const REQUEST = Buffer.from("GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n");
const NOTHING = Buffer.alloc(0);
const SEQUENCE = 1000;
const PORTS = 50_000;

interface Words {
  readonly flags: number;
  readonly payload?: Buffer;
  readonly isAnswer?: boolean;
}

/** A packet of connection `number`, of as many clients as are needed to one server. */
function packetOf(number: number, { flags, payload = NOTHING, isAnswer = false }: Words): Buffer {
  const client = Math.floor(number / PORTS);
  const port = 1024 + (number % PORTS);
  const segment = tcp({
    source: isAnswer ? 80 : port,
    destination: isAnswer ? port : 80,
    // What follows a SYN is one further.
    sequence: SEQUENCE + (flags & SYN ? 0 : 1),
    acknowledged: flags & ACK ? SEQUENCE + 1 : 0,
    flags,
    payload,
  });
  const [source, destination] = [`10.1.${client >> 8}.${client & 255}`, "10.2.0.1"];
  const ends = isAnswer ? { source: destination, destination: source } : { source, destination };
  return ip({ ...ends, protocol: 6, payload: segment });
}

const PACKETS: Readonly<Record<Kind, readonly Words[]>> = {
  open: [{ flags: SYN }, { flags: SYN | ACK, isAnswer: true }, { flags: ACK, payload: REQUEST }],
  syn: [{ flags: SYN }],
  once: [{ flags: ACK, payload: REQUEST }],
};

const AT_ONCE = 2_000;

function resident(): number {
  globalThis.gc?.();
  return process.memoryUsage().rss;
}

async function main([kind, count]: readonly string[]): Promise<void> {
  const tap = new TapModule(await compileTap(), (batch) => new DocumentSums().add(batch));
  const feed = (bytes: Buffer) => {
    tap.chunk.set(bytes);
    tap.feed(bytes.length);
  };
  feed(pcap([], { frame: "raw" }));
  const before = resident();
  for (let from = 0; from < Number(count); from += AT_ONCE) {
    const packets: Packet[] = [];
    for (const words of PACKETS[kind as Kind]) {
      for (let i = from; i < Math.min(from + AT_ONCE, Number(count)); i++) {
        // Ten thousand connections a second.
        packets.push({ micros: START + i * 100, bytes: packetOf(i, words) });
      }
    }
    feed(pcap(packets, { frame: "raw" }).subarray(24));
  }
  process.stdout.write(`${JSON.stringify({ before, after: resident() })}\n`);
}

await main(process.argv.slice(2));
