/** The filter of a capture, narrowed to what control does not know already (docs/decisions/0122). */
import { isIP } from "node:net";

/** Addresses that a filter has room for: of 512 pcap makes 1,500 instructions in half a second, and the kernel takes 4,096. */
export const MAX_COVERED = 512;

/**
 * Leaves out what passes between two of the addresses.
 *
 * @param filter what is captured at most
 * @param covered IP addresses of pods whose sidecars tell all that passes between them; of more than MAX_COVERED the first
 */
export function narrowed(filter: string, covered: readonly string[]): string {
  const known = covered.filter((address) => isIP(address) !== 0).slice(0, MAX_COVERED);
  const families = [
    between(
      "ip",
      known.filter((address) => isIP(address) === 4),
    ),
    between(
      "ip6",
      known.filter((address) => isIP(address) === 6),
    ),
  ];
  const parts = [filter && `(${filter})`, ...families.map((family) => family && `not ${family}`)];
  return parts.filter(Boolean).join(" and ");
}

function between(family: string, addresses: readonly string[]): string {
  if (addresses.length < 2) return "";
  const list = addresses.join(" or ");
  return `(${family} src host (${list}) and ${family} dst host (${list}))`;
}
