import { bytesOf, equals, sizeOf, text, Text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { proxy_get_header_map_pairs, proxy_get_header_map_value } from "./env";
import { HeaderMap } from "./host";

const METHOD: Text = text(":method");
const PATH: Text = text(":path");
const AUTHORITY: Text = text(":authority");
const CONTENT_TYPE: Text = text("content-type");
const FORWARDED_FOR: Text = text("x-forwarded-for");

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

/**
 * Reads the request headers that count: all of them in one call, which costs less than two of them alone, and one by
 * one where the host does not give them all, as when they are larger than the room for answers.
 */
export function readRequestHeaders(): void {
  forgetHeaders();
  const status = proxy_get_header_map_pairs(HeaderMap.REQUEST, replyAddress(), replySize());
  if (isAnswered(status) && readPairs(answerAt(), answerSize())) return;
  readOne(METHOD, method);
  readOne(PATH, path);
  readOne(AUTHORITY, authority);
  readOne(CONTENT_TYPE, contentType);
  readOne(FORWARDED_FOR, forwardedFor);
}

/** For what has no headers: those of the request before must not count for it. */
export function forgetHeaders(): void {
  method.size = 0;
  path.size = 0;
  authority.size = 0;
  contentType.size = 0;
  forwardedFor.size = 0;
}

/** Reads a request header; true when it has a value, which then is the last answer. */
export function readHeader(name: Text): bool {
  const status = proxy_get_header_map_value(
    HeaderMap.REQUEST,
    bytesOf(name),
    sizeOf(name),
    replyAddress(),
    replySize(),
  );
  return isAnswered(status);
}

function readOne(name: Text, into: Value): void {
  if (!readHeader(name)) return;
  into.at = answerAt();
  into.size = answerSize();
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
    readPair(<usize>from, nameSize, <usize>value, valueSize);
    sizes += 8;
    from = next;
  }
  return path.size != 0 || method.size != 0;
}

function readPair(name: usize, nameSize: u32, value: usize, valueSize: u32): void {
  const into = wantedAs(name, nameSize);
  if (!into) return;
  into.at = value;
  into.size = valueSize;
}

/** Where a header's value belongs, null where nobody asks for it. The sizes of the names alone rule out most. */
function wantedAs(name: usize, size: u32): Value | null {
  if (size == sizeOf(PATH)) return equals(name, size, PATH) ? path : null;
  if (size == sizeOf(METHOD)) return equals(name, size, METHOD) ? method : null;
  if (size == sizeOf(AUTHORITY)) return equals(name, size, AUTHORITY) ? authority : null;
  if (size == sizeOf(CONTENT_TYPE)) return equals(name, size, CONTENT_TYPE) ? contentType : null;
  return equals(name, size, FORWARDED_FOR) ? forwardedFor : null;
}
