import { Loss, lose } from "../core/losses";
import { DATAGRAM_MICROS, MAX_DATAGRAMS, SLACK } from "./limits";
import { DESTINATION, SOURCE, packetMicros } from "./packet";
import { takeTransport } from "./ip";

/**
 * Puts IP packets together of their fragments. A place holds one packet, with a bit for each eight bytes that are there;
 * where two fragments have the same bytes, those that came first stay.
 *
 *     datagram   fields | bits 8192 / 8 | bytes 65536
 */
@unmanaged
class Datagram {
  sourceHigh: u64;
  sourceLow: u64;
  destinationHigh: u64;
  destinationLow: u64;
  /** Identification and protocol. */
  id: u64;
  /** When its first fragment came; 0 = the place is free. */
  micros: u64;
  /** Units of eight bytes that are there. */
  units: u32;
  /** Bytes in all, known with the last fragment; 0 until then. */
  size: u32;
}
const BITS: usize = offsetof<Datagram>();
const BYTES: usize = BITS + 1024;
const STRIDE: usize = BYTES + 65536 + SLACK;
const MOST: u32 = 65535;

const places: usize = heap.alloc(STRIDE * MAX_DATAGRAMS);
for (let i: u32 = 0; i < MAX_DATAGRAMS; i++) placeAt(i).micros = 0;

/** Takes a fragment that begins `offset` bytes into what its packet carries. */
export function takeFragment(id: u64, offset: u32, at: usize, end: usize, hasMore: bool): void {
  const size = <u32>(end - at);
  if (end < at || offset + size > MOST || (hasMore && size < 8)) return lose(Loss.FRAGMENTS_DROPPED);
  const place = findPlace(id);
  const first = offset >> 3;
  const units = hasMore ? size >> 3 : (size + 7) >> 3;
  for (let unit: u32 = 0; unit < units; unit++) {
    if (!markUnit(place, first + unit)) continue;
    const rest = size - (unit << 3);
    memory.copy(changetype<usize>(place) + BYTES + ((<usize>(first + unit)) << 3), at + (unit << 3), min(rest, 8));
  }
  if (!hasMore && !place.size) place.size = offset + size;
  if (!place.size || place.units < (place.size + 7) >> 3) return;
  place.micros = 0;
  const bytes = changetype<usize>(place) + BYTES;
  takeTransport((<u32>id) & 0xff, bytes, bytes + place.size, place.size);
}

/** Sets the bit of a unit; false where it was set. */
function markUnit(place: Datagram, unit: u32): bool {
  const at = changetype<usize>(place) + BITS + (unit >> 3);
  const bit = <u8>((<u32>1) << (unit & 7));
  if (load<u8>(at) & bit) return false;
  store<u8>(at, load<u8>(at) | bit);
  place.units++;
  return true;
}

/** The place of a packet, a new one where there is none: a free one, or that of the oldest, which is lost. */
function findPlace(id: u64): Datagram {
  let oldest = placeAt(0);
  for (let i: u32 = 0; i < MAX_DATAGRAMS; i++) {
    const place = placeAt(i);
    if (place.micros && isExpired(place)) {
      lose(Loss.FRAGMENTS_DROPPED);
      place.micros = 0;
    }
    if (place.micros && place.id == id && hasAddresses(place)) return place;
    if (place.micros < oldest.micros) oldest = place;
  }
  if (oldest.micros) lose(Loss.FRAGMENTS_DROPPED);
  memory.fill(changetype<usize>(oldest), 0, BYTES);
  memory.copy(changetype<usize>(oldest), SOURCE, 32);
  oldest.id = id;
  oldest.micros = packetMicros + 1;
  return oldest;
}

function isExpired(place: Datagram): bool {
  return packetMicros > place.micros + DATAGRAM_MICROS;
}

function hasAddresses(place: Datagram): bool {
  return (
    place.sourceHigh == load<u64>(SOURCE) &&
    place.sourceLow == load<u64>(SOURCE, 8) &&
    place.destinationHigh == load<u64>(DESTINATION) &&
    place.destinationLow == load<u64>(DESTINATION, 8)
  );
}

/** At the end of a capture, what did not become whole. */
export function dropFragments(): void {
  for (let i: u32 = 0; i < MAX_DATAGRAMS; i++) {
    if (placeAt(i).micros) lose(Loss.FRAGMENTS_DROPPED);
    placeAt(i).micros = 0;
  }
}

function placeAt(number: u32): Datagram {
  return changetype<Datagram>(places + <usize>number * STRIDE);
}
