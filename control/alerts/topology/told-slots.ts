/** Whose sidecars told of which edge, slot by slot, until it is its time: what comes early is not known before. */
import type { Told } from "./silence.ts";

/** Edges of all slots that are held; further ones are counted. */
const MAX_HELD = 400_000;

interface Held {
  byClient: boolean;
  byServer: boolean;
  answered: number;
}

/** By client, then server. */
type Slot = Map<string, Map<string, Held>>;

export class ToldSlots {
  readonly #slots = new Map<number, Slot>();
  #held = 0;
  #skipped = 0;

  /** Tellings that found no room. */
  get skipped(): number {
    return this.#skipped;
  }

  add(number: number, { client, server, byClient, byServer, answered }: Told): void {
    const held = this.#of(number, client, server);
    if (!held) return;
    held.byClient ||= byClient;
    held.byServer ||= byServer;
    held.answered += answered;
  }

  /** What was told of slots before one, the oldest first; it is held no more. */
  *take(endSlot: number): Generator<readonly [slot: number, Told]> {
    const due = [...this.#slots.keys()].filter((number) => number < endSlot).sort((a, b) => a - b);
    for (const number of due) {
      for (const [client, servers] of this.#slots.get(number)!) {
        this.#held -= servers.size;
        for (const [server, held] of servers) yield [number, { client, server, ...held }];
      }
      this.#slots.delete(number);
    }
  }

  #of(number: number, client: string, server: string): Held | undefined {
    const known = this.#slots.get(number)?.get(client)?.get(server);
    if (known) return known;
    if (this.#held >= MAX_HELD) {
      this.#skipped++;
      return undefined;
    }
    this.#held++;
    const slot = this.#slots.get(number) ?? (new Map() as Slot);
    this.#slots.set(number, slot);
    const servers = slot.get(client) ?? new Map<string, Held>();
    slot.set(client, servers);
    const held = { byClient: false, byServer: false, answered: 0 };
    servers.set(server, held);
    return held;
  }
}
