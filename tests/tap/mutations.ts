/** Packets that went wrong in ways that a seed decides: the same seed makes the same ones. */
import type { Packet } from "./packets.ts";

/** A copy of the packets in which some are lost, doubled, out of order or cut, and some bytes behind `header` are others. */
export function mutated(packets: readonly Packet[], random: () => number, header = 40): Packet[] {
  const some = (below: number) => Math.floor(random() * below);
  const result = packets.map(({ micros, bytes }) => ({ micros, bytes: Buffer.from(bytes) }));
  for (let change = 1 + some(4); change > 0; change--) {
    const place = some(result.length);
    const packet = result[place]!;
    const behind = packet.bytes.length - header;
    const kind = some(7);
    if (kind === 0) result.splice(place, 1);
    else if (kind === 1) result.splice(some(result.length), 0, packet);
    else if (kind === 2 && behind > 0) packet.bytes = packet.bytes.subarray(0, header + some(behind));
    else if (behind > 0) packet.bytes[header + some(behind)] = kind === 3 ? 255 : some(256);
    if (result.length === 0) return [packet];
  }
  return result;
}
