import { MAX_TEMPLATE } from "../limits";
import { Loss, lose } from "../losses";
import { bytesOf, copyRoughly, sizeOf, text } from "../text";
import { isAsterisk, isDeeper, segmentAt, segmentClasses, segmentCount, segmentSize, splitPath } from "./path";
import { extendPrefix, hasPlaces, isKeptName, isPlace, startPrefix } from "./places";
import { matchRule, ruleAt, ruleSize } from "./rules";
import { serviceOf } from "./services";
import { idLength } from "./shape";

const ID = text("{id}");
const REST = text("/**");
const ASTERISK = text("*");

/** What the longest template needs, "/**" behind it, and what copyRoughly writes too much. */
const buffer = memory.data(256, 8);
let length: u32 = 0;
let at: usize = buffer;
let isKnown: bool = false;

/**
 * Turns a path into its route template: the first rule that matches, of the service or else of all, is the template;
 * otherwise each segment that has the shape of an id or stands at a learned place becomes "{id}". The result is ASCII (a
 * rule: UTF-8), has no query, is at most MAX_STRING bytes long, lies at `templateAt` and is good until the next call.
 *
 * @param method The method's string number, for rules that name one.
 * @param scope The service that is asked, as endpoints.ts has it.
 * @returns its size in bytes
 */
export function template(path: usize, size: u32, method: u32, scope: u32): u32 {
  splitPath(path, size);
  const service = serviceOf(scope);
  if (matchRule(service, method)) {
    at = ruleAt();
    isKnown = true;
    return ruleSize();
  }
  start();
  if (isAsterisk()) append(bytesOf(ASTERISK), sizeOf(ASTERISK));
  else if (hasPlaces(service)) appendLearned(service);
  else appendSegments();
  return length;
}

/** The path of an RPC, "/package.Service/Method", which is its own template. */
export function rpcTemplate(path: usize, size: u32, scope: u32): u32 {
  splitPath(path, size);
  if (segmentCount() != 2 || segmentSize(0) + segmentSize(1) + 2 > MAX_TEMPLATE) return template(path, size, 0, scope);
  start();
  for (let i: u32 = 0; i < 2; i++) {
    appendSlash();
    append(segmentAt(i), segmentSize(i));
  }
  return length;
}

export function templateAt(): usize {
  return at;
}

/**
 * Whether the last template is one that a rule or a learned place names, so that there are only so many of the kind,
 * whatever clients ask for.
 */
export function templateIsKnown(): bool {
  return isKnown;
}

function start(): void {
  at = buffer;
  length = 0;
  isKnown = false;
}

function appendSegments(): void {
  for (let i: u32 = 0; i < segmentCount(); i++) {
    if (!appendSegment(i, idLength(segmentAt(i), segmentSize(i), segmentClasses(i)))) return;
  }
  endSegments();
}

/** The same where places were learned: at one of them all of a segment is the id, whatever it looks like. */
function appendLearned(service: u32): void {
  startPrefix(service);
  for (let i: u32 = 0; i < segmentCount(); i++) {
    const segment = segmentAt(i);
    const size = segmentSize(i);
    const from = length + 1;
    isKnown = isPlace();
    const id = !isKnown ? idLength(segment, size, segmentClasses(i)) : isKeptName(segment, size) ? 0 : size;
    if (!appendSegment(i, id)) return;
    extendPrefix(buffer + from, length - from);
  }
  endSegments();
}

/** Appends a segment whose first `id` bytes are one; false, and the rest instead, where it does not fit. */
function appendSegment(i: u32, id: u32): bool {
  const size = segmentSize(i);
  const needed = 1 + (id ? sizeOf(ID) + size - id : size);
  if (length + needed > MAX_TEMPLATE) {
    appendRest();
    return false;
  }
  appendSlash();
  if (id) append(bytesOf(ID), sizeOf(ID));
  append(segmentAt(i) + id, size - id);
  return true;
}

function endSegments(): void {
  if (isDeeper()) appendRest();
  else if (!length) appendSlash();
}

/** Stands for the segments that are one too many. */
function appendRest(): void {
  isKnown = false;
  lose(Loss.VALUES_CUT);
  append(bytesOf(REST), sizeOf(REST));
}

function appendSlash(): void {
  store<u8>(buffer + length++, 0x2f);
}

function append(from: usize, size: u32): void {
  copyRoughly(buffer + length, from, size);
  length += size;
}
