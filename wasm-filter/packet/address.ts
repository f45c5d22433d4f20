/**
 * Addresses as text: "10.0.0.1", "10.0.0.1:80", "fd00::1", "[fd00::1]:80" (RFC 5952).
 */
const buffer = memory.data(64, 8);
let length: u32 = 0;

const COLON: u32 = 0x3a;

/** Where the last text lies. */
export function textAt(): usize {
  return buffer;
}

/** Writes 16 bytes of address, of ::ffff:a.b.c.d the four. @returns the size of the text */
export function writeAddress(at: usize): u32 {
  length = 0;
  putAddress(at);
  return length;
}

/** Writes an address with its port. @returns the size of the text */
export function writeEndpoint(at: usize, port: u32): u32 {
  length = 0;
  const isLong = !isIp4(at);
  if (isLong) put(0x5b);
  putAddress(at);
  if (isLong) put(0x5d);
  put(COLON);
  putDecimal(port);
  return length;
}

function putAddress(at: usize): void {
  if (!isIp4(at)) return putIp6(at);
  for (let i: usize = 12; i < 16; i++) {
    if (i > 12) put(0x2e);
    putDecimal(load<u8>(at + i));
  }
}

function isIp4(at: usize): bool {
  return load<u64>(at) == 0 && load<u32>(at, 8) == 0xffff0000;
}

function putIp6(at: usize): void {
  const zeros = longestZeros(at);
  const from = zeros >> 4;
  const to = from + (zeros & 15);
  for (let i: u32 = 0; i < 8; i++) {
    if (i >= from && i < to) {
      if (i == from) put(COLON);
      continue;
    }
    if (i) put(COLON);
    putHex(groupAt(at, i));
  }
  if (from != to && to == 8) put(COLON);
}

/** The first longest run of two or more zero groups: where it begins << 4 | how many. */
function longestZeros(at: usize): u32 {
  let best: u32 = 0;
  let run: u32 = 0;
  for (let i: u32 = 0; i < 8; i++) {
    run = groupAt(at, i) ? 0 : run + 1;
    if (run >= 2 && run > (best & 15)) best = ((i + 1 - run) << 4) | run;
  }
  return best;
}

function groupAt(at: usize, i: u32): u32 {
  return bswap<u16>(load<u16>(at + ((<usize>i) << 1)));
}

function putHex(value: u32): void {
  let shift: i32 = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0;
  for (; shift >= 0; shift -= 4) {
    const digit = (value >> shift) & 15;
    put(digit < 10 ? digit + 48 : digit + 87);
  }
}

function putDecimal(value: u32): void {
  let divisor: u32 = value > 9999 ? 10000 : value > 999 ? 1000 : value > 99 ? 100 : value > 9 ? 10 : 1;
  for (; divisor; divisor /= 10) put(48 + ((value / divisor) % 10));
}

function put(byte: u32): void {
  store<u8>(buffer + length++, <u8>byte);
}
