/** Captures of many mutated conversations, read. */
import type { TapDocument } from "../../tap/document.ts";
import { randomOf } from "../control/world/random.ts";
import { apart } from "./apart.ts";
import { mutated } from "./mutations.ts";
import { pcap } from "./packets.ts";
import type { Packet } from "./packets.ts";
import { read } from "./reading.ts";

const ROUNDS = 20;

interface Mutations {
  readonly seeds: readonly (readonly Packet[])[];
  /** Of the changes, so that they are the same each time. */
  readonly seed: number;
  /** Conversations of a capture, the seeds in turn. */
  readonly count: number;
  /** Bytes of a packet that are left as they are. */
  readonly header?: number;
}

/** What captures of mutated conversations come to, each of them led by a client of its own. */
export function* mutatedRounds({ seeds, seed, count, header }: Mutations): Generator<TapDocument> {
  const random = randomOf(seed);
  for (let round = 0; round < ROUNDS; round++) {
    const conversations = Array.from({ length: count }, (_, number) =>
      apart(mutated(seeds[number % seeds.length]!, random, header), number),
    );
    yield read(pcap(conversations.flat()));
  }
}
