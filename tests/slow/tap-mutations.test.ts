/**
 * A million mutated packets of each protocol, by seeds: the parsers neither trap nor hang, need no more memory, and what they count
 * is of the connections that there were. `TAP_MUTATIONS` says how many instead.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { DocumentSums } from "../../tap/document.ts";
import type { TapDocument } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { apart } from "../tap/apart.ts";
import { randomOf } from "../control/world/random.ts";
import { mutated } from "../tap/mutations.ts";
import { pcap } from "../tap/packets.ts";
import type { Packet } from "../tap/packets.ts";
import { seeds as amqp } from "../tap/seeds/amqp.ts";
import { seeds as dns } from "../tap/seeds/dns.ts";
import { seeds as http } from "../tap/seeds/http.ts";
import { seeds as http2 } from "../tap/seeds/http2.ts";
import { seeds as mongodb } from "../tap/seeds/mongodb.ts";
import { seeds as mysql } from "../tap/seeds/mysql.ts";
import { seeds as postgresql } from "../tap/seeds/postgresql.ts";
import { seeds as redis } from "../tap/seeds/redis.ts";
import { seeds as tls } from "../tap/seeds/tls.ts";

const PACKETS = Number(process.env["TAP_MUTATIONS"] ?? 1_000_000);
const SEEDS = { amqp, dns, http, http2, mongodb, mysql, postgresql, redis, tls };
/** Bytes that are not mutated: as far as the addresses and ports, which say whose a packet is. */
const HEADER = 38;
const CAPTURE_HEADER = 24;
const CONVERSATIONS_A_ROUND = 500;

interface Read {
  readonly document: TapDocument;
  readonly grown: number;
  readonly packets: number;
}

function readMutated(seeds: readonly (readonly Packet[])[], seed: number): Read {
  const random = randomOf(seed);
  const sums = new DocumentSums();
  const tap = new TapModule(compiled, (batch) => sums.add(batch));
  const before = tap.chunk.buffer.byteLength;
  tap.take(pcap([]));
  let [conversations, packets] = [0, 0];
  while (packets < PACKETS) {
    const round = Array.from({ length: CONVERSATIONS_A_ROUND }, () => {
      const conversation = seeds[Math.floor(random() * seeds.length)]!;
      return apart(mutated(conversation, random, HEADER), conversations++);
    }).flat();
    packets += round.length;
    tap.take(pcap(round).subarray(CAPTURE_HEADER));
  }
  tap.finish();
  return { document: sums.document(), grown: tap.chunk.buffer.byteLength - before, packets };
}

const compiled = await compileTap();

for (const [name, seeds] of Object.entries(SEEDS)) {
  test(`${name}: mutated packets`, () => {
    const { document, grown, packets } = readMutated(seeds, PACKETS);
    assert.is(document.losses["parserFailed"], undefined, "no parser trapped");
    assert.is(grown, 0, "memory is what it was");
    const counted = Object.values(document.protocols).flatMap((figures) =>
      "endpoints" in figures ? [figures.requests] : [],
    );
    const requests = counted.reduce((sum, each) => sum + each, 0);
    assert.ok(requests > packets / 100, `${requests} requests in ${packets} packets are too few to say anything`);
    // There are more clients than are told apart.
    for (const { client, server } of document.edges)
      assert.match(`${client} ${server}`, /^10\.[\d.]+ 10\.[\d.:]+$| ~other$/);
  });
}

test.run();
