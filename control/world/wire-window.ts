/**
 * What taps saw of connections lately, by their two ends: the facts of TCP that no sidecar tells, whoever's report of the edge is shown and
 * whatever the connections carry. In whole seconds, in the one in which the tap's window began.
 */
import type { Observation, WireCounts } from "../identity/observation.ts";
import { BucketSums } from "./bucket-sums.ts";
import type { WireFacts } from "./model.ts";
import type { WorldOptions } from "./options.ts";
import { ListedItems } from "./slot-items.ts";
import type { Part } from "./spread.ts";
import { WindowSlots } from "./window-slots.ts";

interface Told {
  readonly ends: WireSums;
  readonly counts: WireCounts;
}

class WireSums {
  readonly handshakes = new BucketSums();
  refused = 0;
  resets = 0;
  retransmissions = 0;
  /** How often something was told, be it that there was nothing. */
  told = 0;

  add(counts: WireCounts, times: 1 | -1): void {
    this.told += times;
    this.handshakes.add(counts.handshakes, times);
    this.refused += counts.refused * times;
    this.resets += counts.resets * times;
    this.retransmissions += counts.retransmissions * times;
  }
}

type Ends = Pick<Observation, "client" | "server">;

export class WireWindow {
  readonly #slots: WindowSlots<Told>;
  /** By client, then by server. Ends that were heard once stay until `forget`. */
  readonly #sums = new Map<string, Map<string, WireSums>>();

  constructor(options: Pick<WorldOptions, "windowSeconds" | "maxHeld" | "maxAheadSeconds">) {
    this.#slots = new WindowSlots({
      length: options.windowSeconds,
      maxItems: options.maxHeld,
      maxAhead: options.maxAheadSeconds,
      enter: ({ ends, counts }) => ends.add(counts, 1),
      leave: ({ ends, counts }) => ends.add(counts, -1),
      items: () => new ListedItems<Told>(),
    });
  }

  add(ends: Ends, counts: WireCounts, [first]: readonly Part[]): void {
    if (first) this.#slots.put(first.slot, { ends: this.#of(ends), counts });
  }

  advance(end: number): void {
    this.#slots.advance(end);
  }

  /** Undefined where no tap saw a connection between them in the window, as where it leaves out what sidecars tell. */
  read({ client, server }: Ends): WireFacts | undefined {
    const sums = this.#sums.get(client)?.get(server);
    if (!sums || sums.told === 0) return undefined;
    const { p50Ms, p95Ms, p99Ms } = sums.handshakes.read([]);
    const { refused, resets, retransmissions } = sums;
    return { refused, resets, retransmissions, handshake: { p50Ms, p95Ms, p99Ms } };
  }

  /** An edge is known no more. */
  forget({ client, server }: Ends): void {
    const servers = this.#sums.get(client);
    servers?.delete(server);
    if (servers?.size === 0) this.#sums.delete(client);
  }

  #of({ client, server }: Ends): WireSums {
    const servers = this.#sums.get(client) ?? new Map<string, WireSums>();
    this.#sums.set(client, servers);
    const known = servers.get(server);
    if (known) return known;
    const sums = new WireSums();
    servers.set(server, sums);
    return sums;
  }
}
