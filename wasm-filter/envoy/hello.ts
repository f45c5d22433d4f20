import { clean, cleanAt } from "../core/clean";
import { Text, bytesOf, sizeOf, text } from "../core/text";
import { openMessage, closeMessage, writeBytes, writeNumber, writeTo, written } from "../core/writer";
import { answerAt, answerSize } from "./answers";
import { Attribute, hasAttribute } from "./attributes";
import { drawHex, processDigits } from "./process";

const VERSION = text("0.1.0");
const REPORTER_KIND_SIDECAR: u32 = 1;
/** Pods have one address a family and network; more are not told. */
const MAX_ADDRESSES: u32 = 8;

const digits = memory.data(32, 8);
const hello = memory.data(4096, 8);
let helloSize: u32 = 0;
let random: u64 = 0;

/** Draws the instance and reads who this proxy is, once a VM. In a root context: only there is the node known. */
export function prepareHello(): void {
  if (helloSize) return;
  random = drawHex(digits) | 1;
  writeTo(hello);
  const message = openMessage(3);
  writeBytes(1, digits, 32);
  writeNumber(2, REPORTER_KIND_SIDECAR);
  writeAttribute(3, Attribute.NODE_ID);
  writeAttribute(4, Attribute.NODE_NAMESPACE);
  writeAttribute(5, Attribute.NODE_WORKLOAD);
  writeAttribute(6, Attribute.NODE_POD);
  writeAddresses(7);
  writeBytes(8, bytesOf(VERSION), sizeOf(VERSION));
  const process = processDigits();
  if (process) writeBytes(9, process, 32);
  closeMessage(message);
  helloSize = <u32>(written() - hello);
}

/** The Hello as a field of ReportRequest. */
export function helloAt(): usize {
  return hello;
}

export function helloBytes(): u32 {
  return helloSize;
}

/** A pseudo-random number below `limit`, for jitter (xorshift64*, Vigna 2016). */
export function randomBelow(limit: u32): u32 {
  random ^= random >> 12;
  random ^= random << 25;
  random ^= random >> 27;
  return limit ? <u32>((random * 0x2545f4914f6cdd1d) >> 32) % limit : 0;
}

function writeAttribute(field: u32, path: Text): void {
  if (!hasAttribute(path)) return;
  const size = clean(answerAt(), answerSize());
  writeBytes(field, cleanAt(), size);
}

/** Istio states all addresses of the pod in one string, with commas between. */
function writeAddresses(field: u32): void {
  if (!hasAttribute(Attribute.NODE_ADDRESSES)) return;
  const end = answerAt() + answerSize();
  let from = answerAt();
  for (let i: u32 = 0; i < MAX_ADDRESSES && from < end; i++) {
    let to = from;
    while (to < end && load<u8>(to) != 0x2c) to++;
    const size = clean(from, <u32>(to - from));
    if (size) writeBytes(field, cleanAt(), size);
    from = to + 1;
  }
}
