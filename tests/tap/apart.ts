import type { Packet } from "./packets.ts";

/** The same IPv4 conversation of 10.0.0.1, led by another client: so that many in one capture are not taken for one. */
export function apart(packets: readonly Packet[], number: number): Packet[] {
  return packets.map(({ micros, bytes }) => {
    const other = Buffer.from(bytes);
    const address = other[15] === 1 ? 12 : 16;
    other.writeUInt16BE(1 + (number % 65_534), address + 1);
    return { micros, bytes: other };
  });
}
