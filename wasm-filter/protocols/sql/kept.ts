import { hash, isSame } from "../../core/text";

/**
 * Shapes of prepared statements, which are sent once and executed by name from then on. Each distinct one is kept once for
 * all connections. Where all places are taken, a new one takes that of one that was not used since the hand last came by; whoever
 * still refers to that one finds that it is gone.
 *
 *     Place x PLACES   a list that chains hashes, and the shape itself
 */
const PLACES: u32 = 4096;
const LONGEST: u32 = 255;
const BUCKETS: u32 = 8192;

@unmanaged
class Place {
  hash: u64;
  /** Number + 1 of the next one in its bucket. */
  link: u32;
  /** How often the place was given to another shape: part of what refers to it. */
  turn: u16;
  size: u8;
  isUsed: u8;
}
const BYTES: usize = offsetof<Place>() + LONGEST + 1;
const places: usize = heap.alloc(<usize>PLACES * BYTES);
/** Number + 1 of the first place of each bucket. */
const buckets = memory.data(BUCKETS * 2, 2);
let touched: u32 = 0;
let hand: u32 = 0;

function placeAt(number: u32): Place {
  return changetype<Place>(places + <usize>number * BYTES);
}

function textOf(place: Place): usize {
  return changetype<usize>(place) + offsetof<Place>();
}

/** Keeps a shape; what is returned refers to it, and is never 0. */
export function keepShape(at: usize, size: u32): u32 {
  const key = hash(at, size);
  for (let next: u32 = load<u16>(bucketOf(key)); next; next = placeAt(next - 1).link) {
    const place = placeAt(next - 1);
    if (place.hash == key && place.size == size && isSame(textOf(place), at, size)) return referenceTo(next - 1);
  }
  const number = takePlace();
  const place = placeAt(number);
  place.hash = key;
  place.size = <u8>size;
  memory.copy(textOf(place), at, size);
  const bucket = bucketOf(key);
  place.link = load<u16>(bucket);
  store<u16>(bucket, number + 1);
  return referenceTo(number);
}

/** Where a kept shape lies; 0 where it is gone, or the reference is 0. */
export function keptShape(reference: u32): usize {
  const number = reference & 0xffff;
  if (!number || number > touched) return 0;
  const place = placeAt(number - 1);
  if (place.turn != <u16>(reference >> 16)) return 0;
  place.isUsed = 1;
  return textOf(place);
}

export function keptSize(reference: u32): u32 {
  return placeAt((reference & 0xffff) - 1).size;
}

function referenceTo(number: u32): u32 {
  placeAt(number).isUsed = 1;
  return (number + 1) | ((<u32>placeAt(number).turn) << 16);
}

function bucketOf(key: u64): usize {
  return buckets + ((<usize>(key & (BUCKETS - 1))) << 1);
}

function takePlace(): u32 {
  if (touched < PLACES) {
    placeAt(touched).turn = 0;
    return touched++;
  }
  while (placeAt(hand).isUsed) {
    placeAt(hand).isUsed = 0;
    hand = (hand + 1) & (PLACES - 1);
  }
  const number = hand;
  hand = (hand + 1) & (PLACES - 1);
  leaveBucket(number);
  placeAt(number).turn++;
  return number;
}

function leaveBucket(number: u32): void {
  const place = placeAt(number);
  const bucket = bucketOf(place.hash);
  let next: u32 = load<u16>(bucket);
  if (next == number + 1) {
    store<u16>(bucket, place.link);
    return;
  }
  while (placeAt(next - 1).link != number + 1) next = placeAt(next - 1).link;
  placeAt(next - 1).link = place.link;
}
