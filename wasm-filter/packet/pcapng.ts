import { MAX_INTERFACES } from "./limits";
import { Loss, lose } from "../core/losses";
import { takeFrame } from "./link";
import { latestMicros, setTime } from "./packet";
import { Interface, interfaceAt, reader } from "./reader";

/**
 * Blocks of a pcapng capture (https://ietf-opsawg-wg.github.io/draft-ietf-opsawg-pcap). A section says how its numbers
 * are written; each of its interfaces has a link type, a snap length and a resolution of time.
 */
export const PCAPNG_MAGIC: u32 = 0x0a0d0d0a;
const INTERFACE: u32 = 1;
const OLD_PACKET: u32 = 2;
const SIMPLE_PACKET: u32 = 3;
const ENHANCED_PACKET: u32 = 6;
const OPTION_END: u32 = 0;
const OPTION_TSRESOL: u32 = 9;
const OPTION_TSOFFSET: u32 = 14;

let isSwapped: bool = false;

/** A new section begins, with interfaces of its own. */
export function forgetSection(): void {
  reader.interfaces = 0;
}

/** Takes one whole block of `size` bytes. */
export function pcapngBlock(at: usize, size: u32, swapped: bool): void {
  isSwapped = swapped;
  const type = u32At(at);
  if (type == ENHANCED_PACKET) timedPacket(at, size, u32At(at + 8));
  else if (type == INTERFACE) addInterface(at, size);
  else if (type == SIMPLE_PACKET) simplePacket(at, size);
  else if (type == OLD_PACKET) timedPacket(at, size, u16At(at + 8));
}

function addInterface(at: usize, size: u32): void {
  if (size < 20 || reader.interfaces == MAX_INTERFACES) {
    lose(Loss.PACKETS_BAD);
    return;
  }
  const place = interfaceAt(reader.interfaces++);
  place.link = u16At(at + 8);
  place.snap = u32At(at + 12);
  place.resolution = 6;
  place.offset = 0;
  const end = at + size - 4;
  let option = at + 16;
  while (option + 4 <= end) {
    const code = u16At(option);
    const length = u16At(option + 2);
    if (code == OPTION_END || option + 4 + length > end) return;
    if (code == OPTION_TSRESOL && length >= 1) place.resolution = load<u8>(option + 4);
    if (code == OPTION_TSOFFSET && length >= 8) place.offset = <i64>u64At(option + 4);
    option += 4 + ((length + 3) & ~3);
  }
}

/** An enhanced packet, or an obsolete one, which has 16 bits of drops where the upper ones of its interface's number would be. */
function timedPacket(at: usize, size: u32, number: u32): void {
  if (size < 32 || number >= reader.interfaces) return lose(Loss.PACKETS_BAD);
  const place = interfaceAt(number);
  const captured = u32At(at + 20);
  if (captured > size - 32) return lose(Loss.PACKETS_BAD);
  setTime(microsOf(place, ((<u64>u32At(at + 12)) << 32) | u32At(at + 16)));
  takeFrame(place.link, at + 28, captured, u32At(at + 24));
}

/** Has no time: that of the packet before. */
function simplePacket(at: usize, size: u32): void {
  if (size < 16 || !reader.interfaces) return lose(Loss.PACKETS_BAD);
  const place = interfaceAt(0);
  const original = u32At(at + 8);
  const most = place.snap ? min(original, place.snap) : original;
  setTime(latestMicros);
  takeFrame(place.link, at + 12, min(most, size - 16), original);
}

function microsOf(place: Interface, ticks: u64): u64 {
  const offset = <u64>(place.offset * 1_000_000);
  const power = place.resolution & 0x7f;
  if (place.resolution & 0x80) {
    const whole = power < 64 ? ticks >> power : 0;
    const rest = power < 64 ? ticks & (((<u64>1) << power) - 1) : ticks;
    const fraction = power <= 32 ? (rest * 1_000_000) >> power : ((rest >> (power - 32)) * 1_000_000) >> 32;
    return offset + whole * 1_000_000 + fraction;
  }
  let micros = ticks;
  for (let i: u32 = 6; i < power; i++) micros /= 10;
  for (let i = power; i < 6; i++) micros *= 10;
  return offset + micros;
}

function u16At(at: usize): u32 {
  const value = load<u16>(at);
  return isSwapped ? bswap<u16>(value) : value;
}

function u32At(at: usize): u32 {
  const value = load<u32>(at);
  return isSwapped ? bswap(value) : value;
}

function u64At(at: usize): u64 {
  const value = load<u64>(at);
  return isSwapped ? bswap(value) : value;
}
