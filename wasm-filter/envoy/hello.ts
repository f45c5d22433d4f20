import { clean, cleanAt } from "../core/clean";
import { Text, bytesOf, hash, sizeOf, text } from "../core/text";
import { openMessage, closeMessage, writeBytes, writeNumber, writeTo, written } from "../core/writer";
import { answerAt, answerSize } from "./answers";
import { Attribute, hasAttribute } from "./attributes";
import { nowMillis } from "./clock";
import { OK } from "./host";
import { random_get } from "./wasi_snapshot_preview1";

const VERSION = text("0.1.0");
const REPORTER_KIND_SIDECAR: u32 = 1;
/** Pods have one address a family and network; more are not told. */
const MAX_ADDRESSES: u32 = 8;

const instance = memory.data(16, 8);
const digits = memory.data(32, 8);
const hello = memory.data(4096, 8);
let helloSize: u32 = 0;
let random: u64 = 0;

/** Draws the instance and reads who this proxy is, once a VM. In a root context: only there is the node known. */
export function prepareHello(): void {
  if (helloSize) return;
  drawInstance();
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

/** 128 random bits from the host; where it has none, out of the time, the node and where this VM's memory lies. */
function drawInstance(): void {
  if (random_get(instance, 16) != OK || !(load<u64>(instance) | load<u64>(instance, 8))) {
    store<u64>(instance, nowMillis() * 0x9e3779b97f4a7c15);
    if (hasAttribute(Attribute.NODE_ID)) store<u64>(instance, hash(answerAt(), answerSize()), 8);
    store<u64>(instance, hash(instance, 16), 8);
  }
  random = load<u64>(instance) | 1;
  for (let i: usize = 0; i < 32; i++) {
    const nibble = (load<u8>(instance + (i >> 1)) >> (i & 1 ? 0 : 4)) & 15;
    store<u8>(digits + i, <u8>(nibble < 10 ? nibble + 48 : nibble + 87));
  }
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
