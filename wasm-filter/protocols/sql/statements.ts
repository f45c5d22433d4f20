import { blockAt, takeBlock } from "../../packet/blocks";
import { BLOCK_BYTES } from "../../packet/limits";

/**
 * Which statement has which shape (kept.ts), by name or number, of one connection: a table in a block, with open addressing. Where
 * it is full a new name takes the place of another, which is not known from then on.
 *
 *     u32 count | filler | (u64 key, u64 reference) x ENTRIES
 */
const HEADER: usize = 16;
const ENTRIES: u32 = 1023;
const MOST: u32 = 900;

/** A block with an empty table; 0 where there is none to be had. */
export function takeTable(): u32 {
  const block = takeBlock();
  if (block) memory.fill(blockAt(block), 0, BLOCK_BYTES);
  return block;
}

/** The reference under a key, 0 where there is none. */
export function statementIn(block: u32, key: u64): u32 {
  if (!block) return 0;
  return <u32>load<u64>(placeOf(block, filled(key)), 8);
}

export function setStatement(block: u32, key: u64, reference: u32): void {
  key = filled(key);
  const table = blockAt(block);
  let place = placeOf(block, key);
  if (!load<u64>(place)) {
    if (load<u32>(table) >= MOST) place = entryAt(block, homeOf(key));
    if (!load<u64>(place)) store<u32>(table, load<u32>(table) + 1);
  }
  store<u64>(place, key);
  store<u64>(place, reference, 8);
}

/** Forgets a key, and moves up those behind it that would not be found any more. */
export function removeStatement(block: u32, key: u64): void {
  if (!block) return;
  let hole = placeOf(block, filled(key));
  if (!load<u64>(hole)) return;
  store<u32>(blockAt(block), load<u32>(blockAt(block)) - 1);
  let holeNumber = numberOf(block, hole);
  for (let number = following(holeNumber); load<u64>(entryAt(block, number)); number = following(number)) {
    const entry = entryAt(block, number);
    const fromHome = distance(homeOf(load<u64>(entry)), number);
    if (fromHome < distance(holeNumber, number)) continue;
    memory.copy(hole, entry, 16);
    hole = entry;
    holeNumber = number;
  }
  store<u64>(hole, 0);
  store<u64>(hole, 0, 8);
}

/** 0 marks free places. */
function filled(key: u64): u64 {
  return key ? key : 1;
}

function placeOf(block: u32, key: u64): usize {
  let number = homeOf(key);
  while (true) {
    const entry = entryAt(block, number);
    const found = load<u64>(entry);
    if (!found || found == key) return entry;
    number = following(number);
  }
}

function homeOf(key: u64): u32 {
  return <u32>((key * 0x9e3779b97f4a7c15) >> 33) % ENTRIES;
}

function following(number: u32): u32 {
  return number + 1 == ENTRIES ? 0 : number + 1;
}

function distance(from: u32, to: u32): u32 {
  return to >= from ? to - from : to + ENTRIES - from;
}

function entryAt(block: u32, number: u32): usize {
  return blockAt(block) + HEADER + ((<usize>number) << 4);
}

function numberOf(block: u32, entry: usize): u32 {
  return <u32>((entry - blockAt(block) - HEADER) >> 4);
}
