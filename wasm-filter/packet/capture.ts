import { CHUNK_BYTES, MAX_RECORD, SLACK } from "./limits";
import { PCAPNG_MAGIC, forgetSection, pcapngBlock } from "./pcapng";
import { Format, READER, READER_BYTES, reader } from "./reader";
import { takeFrame } from "./link";
import { setTime } from "./packet";
import { Loss, lose } from "../core/losses";

/**
 * Reads a capture that comes in chunks (pcap, pcapng), and hands its packets on.
 *
 *     input   | ... what was left of the chunk before | chunk |
 *
 * A record that is cut by the end of a chunk is moved in front of the next one, so it lies in one piece.
 *
 *     UNKNOWN --24 bytes, pcap--> PCAP ----record----> PCAP
 *        |  --12 bytes, pcapng--> PCAPNG --block-----> PCAPNG
 *        `----anything else-----> NONE
 */
const input: usize = heap.alloc(MAX_RECORD + CHUNK_BYTES + SLACK);
const chunk: usize = input + MAX_RECORD;

/** Bytes that wait in front of the chunk; the record that is being looked at, what is behind it, and where the chunk ends. */
let waiting: u32 = 0;
let at: usize = chunk;
let behind: usize = chunk;
let end: usize = chunk;

/** Where the host puts the next chunk of up to CHUNK_BYTES. */
export function chunkAt(): usize {
  return chunk;
}

export function captureFormat(): u32 {
  return reader.format;
}

/** What comes next begins anew, with the header of a capture; connections are followed on. */
export function startCapture(): void {
  if (waiting) lose(Loss.PACKETS_BAD);
  waiting = 0;
  at = behind = end = chunk;
  memory.fill(READER, 0, READER_BYTES);
}

/** Bytes that are left of a record whose rest did not come. */
export function unreadBytes(): u32 {
  return waiting;
}

/**
 * Reads what the host put at `chunkAt`.
 *
 * @returns false where this is no capture
 */
export function readChunk(size: u32): bool {
  at = chunk - waiting;
  end = chunk + size;
  waiting = 0;
  return readRest();
}

/** What is behind the record that is being looked at: where it begins, and how many bytes it has. */
export function restAt(): usize {
  return behind;
}

export function restBytes(): u32 {
  return <u32>(end - behind);
}

/** Goes on with what was left by an instance that failed, once what it knew (reader.ts) has been copied to this one. */
export function readOn(from: usize, size: u32): bool {
  at = from;
  end = from + size;
  return readRest();
}

function readRest(): bool {
  if (reader.format == Format.UNKNOWN && !readStart()) {
    keepRest();
    return reader.format != Format.NONE;
  }
  while (at < end) {
    if (reader.skip) {
      const step = min<u64>(reader.skip, end - at);
      reader.skip -= step;
      at += <usize>step;
      continue;
    }
    const next = reader.format == Format.PCAP ? readRecord() : readBlock();
    if (!next) break;
    at = next;
  }
  keepRest();
  return reader.format != Format.NONE;
}

function keepRest(): void {
  waiting = at < end ? <u32>(end - at) : 0;
  if (waiting) memory.copy(chunk - waiting, at, waiting);
  at = behind = end = chunk;
}

function readStart(): bool {
  if (end - at < 24) return false;
  const magic = load<u32>(at);
  reader.isSwapped = u32(magic == 0xd4c3b2a1 || magic == 0x4d3cb2a1);
  const native = reader.isSwapped ? bswap(magic) : magic;
  if (magic == PCAPNG_MAGIC) {
    reader.format = Format.PCAPNG;
    return true;
  }
  if (native != 0xa1b2c3d4 && native != 0xa1b23c4d && native != KUZNETZOV) {
    reader.format = Format.NONE;
    return false;
  }
  reader.isNano = u32(native == 0xa1b23c4d);
  reader.link = number(at + 20) & 0xffff;
  reader.format = Format.PCAP;
  at += 24;
  return true;
}

/** The magic of a patched libpcap, whose records have eight bytes more. */
const KUZNETZOV: u32 = 0xa1b2cd34;

/** @returns where the next record begins, 0 where this one is not there in full */
function readRecord(): usize {
  if (end - at < 16) return 0;
  const captured = number(at + 8);
  if (captured > MAX_RECORD - 64) return skipRecord(16 + captured);
  const next = at + 16 + captured;
  if (next > end) return 0;
  behind = next;
  const fraction = number(at + 4);
  setTime(<u64>number(at) * 1_000_000 + (reader.isNano ? fraction / 1000 : fraction));
  takeFrame(reader.link, at + 16, captured, number(at + 12));
  return next;
}

/** @returns where the next block begins, 0 where this one is not there in full */
function readBlock(): usize {
  if (end - at < 12) return 0;
  if (load<u32>(at) == PCAPNG_MAGIC) {
    reader.isSwapped = u32(load<u32>(at, 8) == 0x4d3c2b1a);
    forgetSection();
  }
  const size = number(at + 4);
  if (size < 12) {
    // Nothing says where the next block is.
    lose(Loss.PACKETS_BAD);
    return end;
  }
  if (size > MAX_RECORD - 64) return skipRecord(size);
  const padded = (size + 3) & ~3;
  if (at + padded > end) return 0;
  behind = at + padded;
  pcapngBlock(at, size, reader.isSwapped != 0);
  return behind;
}

function skipRecord(size: u32): usize {
  lose(Loss.PACKETS_BAD);
  reader.skip = size;
  return at;
}

function number(from: usize): u32 {
  const value = load<u32>(from);
  return reader.isSwapped ? bswap(value) : value;
}
