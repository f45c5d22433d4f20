import { BlockList, isIP, SocketAddress } from "node:net";

const MAPPED_V4 = "::ffff:";

/**
 * The one spelling of an IP address that tables are keyed by: without port, brackets and zone, IPv6 in the form of
 * RFC 5952, IPv4-mapped IPv6 as the IPv4 address that it is.
 *
 * Takes what Envoy writes: "10.0.0.1", "10.0.0.1:8080", "fd00::1", "[fd00::1]:8080". Anything else (a pipe, an
 * internal listener, garbage) is undefined.
 */
export function normalizeAddress(text: string): string | undefined {
  const bare = withoutZone(withoutPort(text));
  const family = isIP(bare);
  if (family === 4) return bare;
  if (family === 0) return undefined;
  const canonical = new SocketAddress({ address: bare, family: "ipv6" }).address;
  const mapped = canonical.startsWith(MAPPED_V4) ? canonical.slice(MAPPED_V4.length) : "";
  return isIP(mapped) === 4 ? mapped : canonical;
}

/** Whether the text is an IP address and nothing more. */
export function isAddressWithoutPort(text: string): boolean {
  return isIP(text) !== 0;
}

function withoutPort(text: string): string {
  if (text.startsWith("[")) {
    const end = text.indexOf("]");
    return end < 0 ? text : text.slice(1, end);
  }
  const colon = text.indexOf(":");
  // A second colon makes it a bare IPv6 address.
  return colon >= 0 && colon === text.lastIndexOf(":") ? text.slice(0, colon) : text;
}

function withoutZone(text: string): string {
  const percent = text.indexOf("%");
  return percent < 0 ? text : text.slice(0, percent);
}

/** A set of address ranges, built from CIDR notation such as "10.0.0.0/8" and "fd00::/8". */
export class AddressRanges {
  readonly #list = new BlockList();

  /** Throws when a range is not in CIDR notation; the message names it. */
  constructor(cidrs: readonly string[]) {
    for (const cidr of cidrs) {
      const parsed = parseCidr(cidr);
      if (!parsed) throw new Error(`"${cidr}" is no address range; write it as 10.0.0.0/8 or fd00::/8`);
      this.#list.addSubnet(parsed.network, parsed.prefix, parsed.family);
    }
  }

  /** Whether a normalised address lies in one of the ranges. */
  contains(address: string): boolean {
    return this.#list.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  }
}

/** Splits CIDR notation; undefined when it is none. */
export function parseCidr(cidr: string): { network: string; prefix: number; family: "ipv4" | "ipv6" } | undefined {
  const [network = "", length = "", ...rest] = cidr.split("/");
  const version = isIP(network);
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : Number.NaN;
  if (version === 0 || rest.length > 0 || !(prefix <= (version === 4 ? 32 : 128))) return undefined;
  return { network, prefix, family: version === 4 ? "ipv4" : "ipv6" };
}
