/** The addresses of the machine that is listened to: what it opens itself may be a kubelet's probe (docs/decisions/0106). */
import { SocketAddress, isIPv4 } from "node:net";
import { networkInterfaces } from "node:os";

/** As many as the module keeps (MAX_OWN_ADDRESSES in wasm-filter/packet/limits.ts) and Hello may state. */
const MOST = 64;

/** Without those of the loopback, and those that mean something on one link only. */
export function ownAddresses(): string[] {
  const all = Object.values(networkInterfaces()).flatMap((addresses = []) => addresses);
  const own = all.filter(({ internal, scopeid }) => !internal && !scopeid).map(({ address }) => address);
  return [...new Set(own)].sort().slice(0, MOST);
}

/** As the module has them: 16 bytes each, an IPv4 address as ::ffff:a.b.c.d. */
export function packedAddresses(addresses: readonly string[]): Uint8Array {
  return Uint8Array.from(addresses.flatMap((address) => (isIPv4(address) ? packed4(address) : packed6(address))));
}

function packed4(address: string): number[] {
  return [...new Array<number>(10).fill(0), 255, 255, ...address.split(".").map(Number)];
}

function packed6(address: string): number[] {
  // In the form of RFC 5952, so that at most one run of groups is left out.
  const { address: text } = new SocketAddress({ address, family: "ipv6" });
  const [before = [], after = []] = text.split("::").map((part) => (part === "" ? [] : part.split(":")));
  const left = new Array<string>(8 - before.length - after.length).fill("0");
  return [...before, ...left, ...after].flatMap((group) => {
    const value = Number.parseInt(group, 16);
    return [value >> 8, value & 255];
  });
}
