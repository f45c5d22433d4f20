import { u16be } from "../../packet/bytes";
import { Verdict } from "../../packet/parsers";
import { CLIENT_HELLO, SSL_2, TLS_1_3 } from "./hello";

/**
 * Hellos in the form of SSL 2.0, by which clients of long ago offer later versions too:
 *
 *     0x8000 | length u16 | type u8 | version u16 | ciphers u16 | session id u16 | challenge u16 | ...
 */
const HEADER: u32 = 11;
const LENGTH_BYTES: u32 = 2;
const SERVER_HELLO: u32 = 4;

/** Whether a client's hello of that form begins with these bytes. */
export function looksLikeOldHello(at: usize, size: u32): u32 {
  if (!(load<u8>(at) & 0x80)) return Verdict.NO;
  if (size < 5) return size < 3 || load<u8>(at, 2) == CLIENT_HELLO ? Verdict.MORE : Verdict.NO;
  const version = u16be(at + 3);
  const isKnown = version == SSL_2 || (version >= 0x0300 && version <= TLS_1_3);
  if (load<u8>(at, 2) != CLIENT_HELLO || !isKnown) return Verdict.NO;
  if (size < HEADER) return Verdict.MORE;
  const ciphers = u16be(at + 5);
  const session = u16be(at + 7);
  const challenge = u16be(at + 9);
  if (!ciphers || ciphers % 3 || challenge < 16 || challenge > 32) return Verdict.NO;
  return 9 + ciphers + session + challenge == (u16be(at) & 0x7fff) ? Verdict.YES : Verdict.NO;
}

/** The bytes of the record that begins at `at`, its length included. */
export function oldRecordSize(at: usize): u32 {
  return LENGTH_BYTES + (u16be(at) & 0x7fff);
}

/** Whether a server answers in SSL 2.0: "type u8 | session id hit u8 | certificate type u8 | version u16". */
export function isOldServerHello(at: usize): bool {
  return (load<u8>(at) & 0x80) != 0 && load<u8>(at, 2) == SERVER_HELLO && load<u8>(at, 3) <= 1;
}
