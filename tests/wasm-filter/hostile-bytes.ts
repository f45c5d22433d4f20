/** Bytes that somebody writes who means harm, by seed. */

const LONGEST = 64 * 1024;

/** A seeded generator of whole numbers from 0 to below its argument. */
export type Below = (below: number) => number;

/** Pieces that a path may be made of: of each kind something that a parser stumbles over. */
const PIECES: readonly ((below: Below) => string | Buffer)[] = [
  () => "/",
  () => "//",
  () => "/../..",
  () => "/{id}",
  () => "/**",
  () => "/~other",
  () => "?a=b?c#d",
  () => "%2F%00%zz%",
  () => "\u0000\r\n\u007f",
  () => "/\u202e\u{1f600}é",
  () => "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  (below) => `/${below(1_000_000_000)}`,
  (below) => "a".repeat(below(300)),
  (below) => "/x".repeat(below(100)),
  (below) => Buffer.from(Array.from({ length: below(40) }, () => below(256))),
  // A code point that is cut in its middle, too long a form of "/", a surrogate.
  () => Buffer.from([0xe2, 0x82]),
  () => Buffer.from([0xc0, 0xaf]),
  () => Buffer.from([0xed, 0xa0, 0x80]),
];

/** Some hostile bytes; one in fifty is as long as Envoy can be told to let through. */
export function hostile(below: Below): Buffer {
  const pieces = Array.from({ length: below(9) }, () => Buffer.from(PIECES[below(PIECES.length)]!(below)));
  const bytes = Buffer.concat(pieces);
  if (below(50) > 0 || bytes.length === 0) return bytes;
  return Buffer.concat(Array.from({ length: Math.ceil(LONGEST / bytes.length) }, () => bytes)).subarray(0, LONGEST);
}
