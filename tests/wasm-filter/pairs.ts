/** Header maps as the ABI has them: u32 n, n x (u32, u32) sizes, then names and values, each followed by a NUL. */
export function encodePairs(pairs: ReadonlyMap<string, Uint8Array>): Uint8Array {
  const sizes = Buffer.alloc(4 + 8 * pairs.size);
  sizes.writeUInt32LE(pairs.size, 0);
  const parts: Uint8Array[] = [sizes];
  let at = 4;
  for (const [name, value] of pairs) {
    sizes.writeUInt32LE(Buffer.byteLength(name), at);
    sizes.writeUInt32LE(value.length, at + 4);
    at += 8;
    parts.push(Buffer.from(`${name}\0`), value, Buffer.from([0]));
  }
  return Buffer.concat(parts);
}
