import { MAX_STRING } from "./limits";
import { hexValue, putEncodedAt, skipAuthority } from "./routes/path";

/**
 * A request's path without what could be a secret. What is left out:
 *
 * - everything from the query or the fragment on, also where its "?" or "#" is percent-encoded, however often
 * - path parameters, such as ";jsessionid=..." (RFC 3986, 3.3)
 * - scheme and authority of the absolute-form, with the user's name and password in it
 *
 * Bytes that are no printable ASCII come out percent-encoded, so that no cut goes through a character.
 */
const buffer = memory.data(256, 8);

const PERCENT: u32 = 0x25;
const SLASH: u32 = 0x2f;
const SEMICOLON: u32 = 0x3b;
const QUESTION_MARK: u32 = 0x3f;
const HASH: u32 = 0x23;

/**
 * Takes the bare path of a request target; it lies at `barePathAt` and is good until the next call.
 *
 * @returns its size, at most MAX_STRING; 0 only where there is no path
 */
export function barePath(at: usize, size: u32): u32 {
  const end = at + size;
  let length: u32 = 0;
  let isParameter = false;
  for (let from = skipAuthority(at, end); from < end; from++) {
    const byte: u32 = load<u8>(from);
    const meaning = byte == PERCENT ? decoded(from, end) : byte;
    if (meaning == QUESTION_MARK || meaning == HASH) break;
    if (byte == SLASH) isParameter = false;
    else if (meaning == SEMICOLON) isParameter = true;
    if (isParameter) continue;
    const isPlain = byte > 0x20 && byte < 0x7f;
    if (length + (isPlain ? 1 : 3) > MAX_STRING) break;
    if (isPlain) store<u8>(buffer + length, <u8>byte);
    else putEncodedAt(buffer + length, byte);
    length += isPlain ? 1 : 3;
  }
  if (length || !size) return length;
  store<u8>(buffer, <u8>SLASH);
  return 1;
}

export function barePathAt(): usize {
  return buffer;
}

/** The byte that "%3B", or "%253B" and so on, stands for; PERCENT itself where that is none. */
function decoded(from: usize, end: usize): u32 {
  let at = from + 1;
  while (at + 2 < end && load<u16>(at) == 0x3532) at += 2;
  if (at + 2 > end) return PERCENT;
  const high = hexValue(load<u8>(at));
  const low = hexValue(load<u8>(at + 1));
  return (high | low) > 15 ? PERCENT : (high << 4) | low;
}
