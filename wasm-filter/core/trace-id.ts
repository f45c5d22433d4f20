import { hexValue } from "./routes/path";

/**
 * Trace ids out of the headers that carry them. Whatever is not exactly of its form is taken for none: a wrong id costs
 * more time than a missing one.
 */
const DASH: u32 = 0x2d;
const TRACE_ID: u32 = 32;
const SPAN_ID: u32 = 16;
/** version "-" trace-id "-" parent-id "-" flags */
const TRACEPARENT: u32 = 55;

/**
 * Whether a value is a traceparent (W3C Trace Context, 3.2): lower case, no id of zeros only. Its trace id is then the
 * 32 digits from the fourth byte on. A version other than 00 may have more behind it, ff is forbidden.
 */
export function isTraceparent(at: usize, size: u32): bool {
  if (size < TRACEPARENT) return false;
  const isFirstVersion = load<u16>(at) == 0x3030;
  const isForbidden = load<u16>(at) == 0x6666;
  if (isForbidden || (size > TRACEPARENT && (isFirstVersion || load<u8>(at + TRACEPARENT) != DASH))) return false;
  if (load<u8>(at + 2) != DASH || load<u8>(at + 35) != DASH || load<u8>(at + 52) != DASH) return false;
  for (let i: u32 = 0; i < TRACEPARENT; i++) if (load<u8>(at + i) - 65 < 26) return false;
  return isHex(at, 2) && isId(at + 3, TRACE_ID) && isId(at + 36, SPAN_ID) && isHex(at + 53, 2);
}

/** Digits of an x-b3-traceid: 16, 32, or 0 where it is none. https://github.com/openzipkin/b3-propagation */
export function sizeOfB3TraceId(at: usize, size: u32): u32 {
  return (size == SPAN_ID || size == TRACE_ID) && isId(at, size) ? size : 0;
}

/** Digits of the trace id at the beginning of a b3 header: trace id "-" span id, and more. */
export function sizeOfB3(at: usize, size: u32): u32 {
  const digits = size > TRACE_ID && load<u8>(at + TRACE_ID) == DASH ? TRACE_ID : SPAN_ID;
  const span = digits + 1;
  if (size < span + SPAN_ID || load<u8>(at + digits) != DASH) return 0;
  if (size > span + SPAN_ID && load<u8>(at + span + SPAN_ID) != DASH) return 0;
  return isId(at, digits) && isId(at + span, SPAN_ID) ? digits : 0;
}

/** Whether all bytes are hexadecimal digits, and not all of them zeros. */
function isId(at: usize, size: u32): bool {
  if (!isHex(at, size)) return false;
  for (let i: u32 = 0; i < size; i++) if (load<u8>(at + i) != 0x30) return true;
  return false;
}

function isHex(at: usize, size: u32): bool {
  for (let i: u32 = 0; i < size; i++) if (hexValue(load<u8>(at + i)) > 15) return false;
  return true;
}
