import { bytesOf, equals, sizeOf, text, Text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { proxy_get_header_map_pairs, proxy_get_header_map_value } from "./env";
import { HeaderMap } from "./host";

const METHOD: Text = text(":method");
const PATH: Text = text(":path");
const AUTHORITY: Text = text(":authority");
const CONTENT_TYPE: Text = text("content-type");
const FORWARDED_FOR: Text = text("x-forwarded-for");

/** A bit for the size of each of these names: sizes alone rule out most headers. */
const SIZES: u64 =
  sizeBit(METHOD) | sizeBit(PATH) | sizeBit(AUTHORITY) | sizeBit(CONTENT_TYPE) | sizeBit(FORWARDED_FOR);

function sizeBit(name: Text): u64 {
  return (<u64>1) << sizeOf(name);
}

/** A header's value among the host's answers; size 0 = there is none. */
@unmanaged
export class Value {
  at: usize;
  size: u32;
}

export const method = changetype<Value>(memory.data(8, 8));
export const path = changetype<Value>(memory.data(8, 8));
export const authority = changetype<Value>(memory.data(8, 8));
export const contentType = changetype<Value>(memory.data(8, 8));
export const forwardedFor = changetype<Value>(memory.data(8, 8));
/** The header that findHeader found last. */
export const foundHeader = changetype<Value>(memory.data(8, 8));
/** All request headers as the host gave them, their sizes proved; size 0 = it did not. */
const pairs = changetype<Value>(memory.data(8, 8));

/**
 * Reads the request headers that count: all of them in one call, which costs less than two of them alone, and one by
 * one where the host does not give them all, as when they are larger than the room for answers.
 */
export function readRequestHeaders(): void {
  forgetHeaders();
  const status = proxy_get_header_map_pairs(HeaderMap.REQUEST, replyAddress(), replySize());
  if (isAnswered(status) && readPairs(answerAt(), answerSize())) return keepPairs();
  readOne(METHOD, method);
  readOne(PATH, path);
  readOne(AUTHORITY, authority);
  readOne(CONTENT_TYPE, contentType);
  readOne(FORWARDED_FOR, forwardedFor);
}

/** Whether the current stream is a request, as far as its headers tell. To be called after readRequestHeaders. */
export function hasRequestHeaders(): bool {
  return method.size != 0 || path.size != 0;
}

/** For what has no headers: those of the request before must not count for it. */
export function forgetHeaders(): void {
  method.size = 0;
  path.size = 0;
  authority.size = 0;
  contentType.size = 0;
  forwardedFor.size = 0;
  pairs.size = 0;
}

/** Looks for a further header of the current request; true when it has a value, which then is `foundHeader`. */
export function findHeader(name: Text): bool {
  if (!pairs.size) return readOne(name, foundHeader);
  const count = load<u32>(pairs.at);
  let sizes = pairs.at + 4;
  let from = sizes + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    const value = from + nameSize + 1;
    if (equals(from, nameSize, name)) {
      foundHeader.at = value;
      foundHeader.size = valueSize;
      return valueSize != 0;
    }
    sizes += 8;
    from = value + valueSize + 1;
  }
  return false;
}

function keepPairs(): void {
  pairs.at = answerAt();
  pairs.size = answerSize();
}

function readHeader(name: Text): bool {
  const status = proxy_get_header_map_value(
    HeaderMap.REQUEST,
    bytesOf(name),
    sizeOf(name),
    replyAddress(),
    replySize(),
  );
  return isAnswered(status);
}

/** Reads a request header by itself; true when it has a value. */
function readOne(name: Text, into: Value): bool {
  const isThere = readHeader(name);
  into.at = answerAt();
  into.size = isThere ? answerSize() : 0;
  return isThere;
}

/**
 * Reads serialised pairs: u32 n, n x (u32 size of the name, u32 size of the value), then the bytes, each name and each
 * value followed by a NUL.
 *
 * @returns false where the sizes do not add up
 */
function readPairs(at: usize, size: u32): bool {
  if (size < 4) return false;
  const count = load<u32>(at);
  if (count > (size - 4) / 8) return false;
  const end: u64 = at + size;
  let sizes = at + 4;
  let from: u64 = sizes + ((<usize>count) << 3);
  for (let i: u32 = 0; i < count; i++) {
    const nameSize = load<u32>(sizes);
    const valueSize = load<u32>(sizes, 4);
    const value = from + nameSize + 1;
    const next = value + valueSize + 1;
    if (next > end) return false;
    if (nameSize < 64 && (SIZES >> nameSize) & 1) readPair(<usize>from, nameSize, <usize>value, valueSize);
    sizes += 8;
    from = next;
  }
  return hasRequestHeaders();
}

function readPair(name: usize, nameSize: u32, value: usize, valueSize: u32): void {
  const into = wantedAs(name, nameSize);
  if (!into) return;
  into.at = value;
  into.size = valueSize;
}

/** Where a header's value belongs, null where nobody asks for it. */
function wantedAs(name: usize, size: u32): Value | null {
  if (size == sizeOf(PATH)) return equals(name, size, PATH) ? path : null;
  if (size == sizeOf(METHOD)) return equals(name, size, METHOD) ? method : null;
  if (size == sizeOf(AUTHORITY)) return equals(name, size, AUTHORITY) ? authority : null;
  if (size == sizeOf(CONTENT_TYPE)) return equals(name, size, CONTENT_TYPE) ? contentType : null;
  return equals(name, size, FORWARDED_FOR) ? forwardedFor : null;
}
