/**
 * The packet that is being looked at: its time, and where its addresses lie. There is one at a time, so this is all that
 * needs to be handed from layer to layer beside the bytes themselves.
 */

/** When it was captured, microseconds since 1970. */
export let packetMicros: u64 = 0;
/** Highest time that any packet had. */
export let latestMicros: u64 = 0;
/** Which interface it crossed, and whether out of the node: index << 1 | out; 0 where the capture does not say. */
export let crossing: u32 = 0;
/** Source and destination, 16 bytes each (an IPv4 address as ::ffff:a.b.c.d). */
const addresses = memory.data(32, 8);

export const SOURCE: usize = addresses;
export const DESTINATION: usize = addresses + 16;

/** When the next window begins, and who is told when it does: a number in the table of functions. */
let windowEnd: u64 = 0;
let windowHandler: u32 = 0;

/** Has a function called with each packet that is not before `setWindowEnd`, before the packet is looked at. */
export function onWindowEnd(handler: () => void): void {
  windowHandler = handler.index;
}

export function setWindowEnd(micros: u64): void {
  windowEnd = micros;
}

export function setTime(micros: u64): void {
  packetMicros = micros;
  if (micros >= windowEnd) call_indirect<void>(windowHandler);
  if (micros > latestMicros) latestMicros = micros;
}

export function setCrossing(value: u32): void {
  crossing = value;
}

/** Takes the addresses of an IPv4 header. */
export function setAddresses4(source: usize, destination: usize): void {
  store<u64>(addresses, 0);
  store<u64>(addresses, ((<u64>load<u32>(source)) << 32) | 0xffff0000, 8);
  store<u64>(addresses, 0, 16);
  store<u64>(addresses, ((<u64>load<u32>(destination)) << 32) | 0xffff0000, 24);
}

/** Takes the addresses of an IPv6 header, which lie behind each other. */
export function setAddresses6(at: usize): void {
  store<u64>(addresses, load<u64>(at));
  store<u64>(addresses, load<u64>(at, 8), 8);
  store<u64>(addresses, load<u64>(at, 16), 16);
  store<u64>(addresses, load<u64>(at, 24), 24);
}
