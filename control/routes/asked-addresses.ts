import { MAX_ASKED_ADDRESSES, MAX_ASKED_ADDRESSES_PER_TAP } from "./limits.ts";

/**
 * At which addresses each tap hears which server being asked: that is all that a tap knows of a service. An address is one
 * server's at a time; those that were not heard for longest make room.
 */
export class AskedAddresses {
  readonly #taps = new Map<string, Map<string, string>>();
  #size = 0;

  /** Whose an address is by now. @returns whom it was of before, where that is news: undefined for nobody */
  saw(tap: string, address: string, server: string): { readonly before: string | undefined } | undefined {
    const addresses = this.#taps.get(tap) ?? new Map<string, string>();
    this.#taps.delete(tap);
    this.#taps.set(tap, addresses);
    const before = addresses.get(address);
    if (!addresses.delete(address)) this.#size += 1;
    addresses.set(address, server);
    if (addresses.size > MAX_ASKED_ADDRESSES_PER_TAP) this.#forgetOldest(addresses);
    this.#makeRoom();
    return before === server ? undefined : { before };
  }

  /** The servers that a tap hears, and their addresses, both in the order of their names: so the same is told alike. */
  serversOf(tap: string): readonly (readonly [string, readonly string[]])[] {
    const servers = new Map<string, string[]>();
    for (const [address, server] of this.#taps.get(tap) ?? []) {
      const addresses = servers.get(server);
      if (addresses) addresses.push(address);
      else servers.set(server, [address]);
    }
    return [...servers].map(([server, addresses]) => [server, addresses.sort()] as const).sort(byName);
  }

  /** Whether a tap hears one of these servers. */
  hears(tap: string, servers: ReadonlySet<string>): boolean {
    for (const server of this.#taps.get(tap)?.values() ?? []) if (servers.has(server)) return true;
    return false;
  }

  #forgetOldest(addresses: Map<string, string>): void {
    for (const address of addresses.keys()) {
      addresses.delete(address);
      this.#size -= 1;
      return;
    }
  }

  #makeRoom(): void {
    for (const [tap, addresses] of this.#taps) {
      if (this.#size <= MAX_ASKED_ADDRESSES) return;
      this.#taps.delete(tap);
      this.#size -= addresses.size;
    }
  }
}

function byName([a]: readonly [string, unknown], [b]: readonly [string, unknown]): number {
  return a < b ? -1 : 1;
}
