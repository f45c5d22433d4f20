import { MAX_TEMPLATE } from "../limits";
import { Loss, lose } from "../losses";
import { bytesOf, sizeOf, text } from "../text";
import { isAsterisk, isDeeper, segmentAt, segmentCount, segmentSize, splitPath } from "./path";
import { matchRule, ruleAt, ruleSize } from "./rules";
import { idLength } from "./shape";

const ID = text("{id}");
const REST = text("/**");
const ASTERISK = text("*");

const buffer = memory.data(256, 8);
let length: u32 = 0;
let at: usize = buffer;

/**
 * Turns a path into its route template: the first of the user's rules that matches, else each segment that has the
 * shape of an id becomes "{id}". The result is ASCII (a rule: UTF-8), has no query, is at most MAX_STRING bytes long,
 * lies at `templateAt` and is good until the next call.
 *
 * @param method The method's string number, for rules that name one.
 * @returns its size in bytes
 */
export function template(path: usize, size: u32, method: u32): u32 {
  splitPath(path, size);
  const rule = matchRule(method);
  if (rule) {
    at = ruleAt(rule);
    return ruleSize(rule);
  }
  start();
  if (isAsterisk()) append(bytesOf(ASTERISK), sizeOf(ASTERISK));
  else appendSegments();
  return length;
}

/** The path of an RPC, "/package.Service/Method", which is its own template. */
export function rpcTemplate(path: usize, size: u32): u32 {
  splitPath(path, size);
  if (segmentCount() != 2 || segmentSize(0) + segmentSize(1) + 2 > MAX_TEMPLATE) return template(path, size, 0);
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

function start(): void {
  at = buffer;
  length = 0;
}

function appendSegments(): void {
  for (let i: u32 = 0; i < segmentCount(); i++) {
    const size = segmentSize(i);
    const id = idLength(segmentAt(i), size);
    const needed = 1 + (id ? sizeOf(ID) + size - id : size);
    if (length + needed > MAX_TEMPLATE) return appendRest();
    appendSlash();
    if (id) append(bytesOf(ID), sizeOf(ID));
    append(segmentAt(i) + id, size - id);
  }
  if (isDeeper()) appendRest();
  else if (!length) appendSlash();
}

/** Stands for the segments that are one too many. */
function appendRest(): void {
  lose(Loss.VALUES_CUT);
  append(bytesOf(REST), sizeOf(REST));
}

function appendSlash(): void {
  store<u8>(buffer + length++, 0x2f);
}

function append(from: usize, size: u32): void {
  memory.copy(buffer + length, from, size);
  length += size;
}
