import { Text, bytesOf, hash, sizeOf, text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { Attribute, hasAttribute } from "./attributes";
import { nowMillis } from "./clock";
import { proxy_get_shared_data, proxy_set_shared_data } from "./env";
import { OK } from "./host";
import { random_get } from "./wasi_snapshot_preview1";

/**
 * What all VMs of this process share: 32 hexadecimal digits, by which control tells an Envoy that was started anew
 * from one that has several worker threads.
 */
const KEY: Text = text("sidelight.process");
/** A version that no value has, so that a value that is there is left alone. */
const ONLY_IF_MISSING: u32 = 0xffffffff;
const DIGITS: u32 = 32;

const bits = memory.data(16, 8);
const digits = memory.data(32, 8);
const version = memory.data(8, 8);

/** Where the digits of this process lie, 0 where the host shares nothing. The first VM to ask draws them. */
export function processDigits(): usize {
  if (!readShared()) {
    drawHex(digits);
    proxy_set_shared_data(bytesOf(KEY), sizeOf(KEY), digits, DIGITS, ONLY_IF_MISSING);
    if (!readShared()) return 0;
  }
  memory.copy(digits, answerAt(), DIGITS);
  return digits;
}

function readShared(): bool {
  const status = proxy_get_shared_data(bytesOf(KEY), sizeOf(KEY), replyAddress(), replySize(), version);
  if (!isAnswered(status) || answerSize() != DIGITS) return false;
  for (let i: u32 = 0; i < DIGITS; i++) if (!isHexDigit(load<u8>(answerAt() + i))) return false;
  return true;
}

function isHexDigit(byte: u32): bool {
  return byte - 48 < 10 || byte - 97 < 6;
}

/**
 * Writes 32 random hexadecimal digits and returns half of their bits. Where the host has no random numbers they come
 * out of the time, the node and what was drawn before.
 */
export function drawHex(into: usize): u64 {
  if (random_get(bits, 16) != OK || !(load<u64>(bits) | load<u64>(bits, 8))) {
    store<u64>(bits, (load<u64>(bits) ^ nowMillis()) * 0x9e3779b97f4a7c15);
    if (hasAttribute(Attribute.NODE_ID)) store<u64>(bits, hash(answerAt(), answerSize()), 8);
    store<u64>(bits, hash(bits, 16), 8);
  }
  for (let i: usize = 0; i < DIGITS; i++) {
    const nibble = (load<u8>(bits + (i >> 1)) >> (i & 1 ? 0 : 4)) & 15;
    store<u8>(into + i, <u8>(nibble < 10 ? nibble + 48 : nibble + 87));
  }
  return load<u64>(bits);
}
