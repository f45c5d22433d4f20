/** Packs bytes in Snappy's raw format, with the elements that the reference has: literals of all lengths, and three kinds of copies. */
const MIN_MATCH = 4;

export function snappy(bytes: Buffer): Buffer {
  const parts: Buffer[] = [varint(bytes.length)];
  const seen = new Map<number, number>();
  let from = 0;
  let at = 0;
  while (at + MIN_MATCH <= bytes.length) {
    const key = bytes.readUInt32LE(at);
    const before = seen.get(key);
    seen.set(key, at);
    if (before === undefined) {
      at += 1;
      continue;
    }
    let size = MIN_MATCH;
    while (size < 64 && at + size < bytes.length && bytes[before + size] === bytes[at + size]) size += 1;
    if (at > from) parts.push(literal(bytes.subarray(from, at)));
    parts.push(copy(at - before, size));
    at += size;
    from = at;
  }
  if (from < bytes.length) parts.push(literal(bytes.subarray(from)));
  return Buffer.concat(parts);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let rest = value; ; rest >>>= 7) {
    if (rest < 128) return Buffer.from([...bytes, rest]);
    bytes.push((rest & 127) | 128);
  }
}

function literal(bytes: Buffer): Buffer {
  const size = bytes.length - 1;
  if (size < 60) return Buffer.concat([Buffer.from([size << 2]), bytes]);
  const more = size < 256 ? 1 : size < 65_536 ? 2 : 3;
  const length = Buffer.alloc(more);
  length.writeUIntLE(size, 0, more);
  return Buffer.concat([Buffer.from([(59 + more) << 2]), length, bytes]);
}

function copy(distance: number, size: number): Buffer {
  if (size < 12 && distance < 2048)
    return Buffer.from([1 | ((size - 4) << 2) | ((distance >> 8) << 5), distance & 255]);
  if (distance < 65_536) return Buffer.from([2 | ((size - 1) << 2), distance & 255, distance >> 8]);
  const bytes = Buffer.alloc(5);
  bytes[0] = 3 | ((size - 1) << 2);
  bytes.writeUInt32LE(distance, 1);
  return bytes;
}
