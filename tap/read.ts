/** Feeds captures to the module: files, and what comes on stdin; compressed by gzip or not, whatever they are called. */
import { closeSync, openSync, readSync } from "node:fs";
import { Readable } from "node:stream";
import { createGunzip } from "node:zlib";

import type { TapModule } from "./module.ts";

const GZIP = 0x8b1f;
/** So much is read of a file at once: what a core's own cache holds until it is parsed. */
const PIECE_BYTES = 512 * 1024;

/** Feeds the file, or stdin where it is "-", to its end. */
export async function readCapture(file: string, tap: TapModule): Promise<void> {
  if (file === "-") return readStream(process.stdin, tap);
  const descriptor = openSync(file, "r");
  try {
    const size = readSync(descriptor, tap.chunk, 0, 2, 0);
    if (isGzip(tap.chunk.subarray(0, size))) {
      await readStream(Readable.from(piecesOf(descriptor), { objectMode: false }), tap);
    } else {
      readPlain(descriptor, tap);
    }
  } finally {
    closeSync(descriptor);
  }
}

/** Straight from the file into the module's memory. */
function readPlain(descriptor: number, tap: TapModule): void {
  let position = 0;
  for (let size = -1; size !== 0; position += size) {
    size = readSync(descriptor, tap.chunk, 0, PIECE_BYTES, position);
    if (size > 0) tap.feed(size);
  }
}

function* piecesOf(descriptor: number): Generator<Buffer> {
  let position = 0;
  while (true) {
    const piece = Buffer.allocUnsafe(PIECE_BYTES);
    const size = readSync(descriptor, piece, 0, piece.length, position);
    if (size === 0) return;
    position += size;
    yield piece.subarray(0, size);
  }
}

/** Feeds a stream to its end. A compressed one that breaks off counts as far as it goes, then its error is thrown. */
async function readStream(source: Readable, tap: TapModule): Promise<void> {
  let first: Buffer = Buffer.alloc(0);
  const pieces = source[Symbol.asyncIterator]() as AsyncIterator<Buffer>;
  while (first.length < 2) {
    const piece = await pieces.next();
    if (piece.done) break;
    first = Buffer.concat([first, piece.value]);
  }
  const whole = rejoin(first, pieces);
  if (!isGzip(first)) return feedAll(whole, tap);
  const unpacked = createGunzip();
  const packed = Readable.from(whole, { objectMode: false });
  packed.on("error", (error) => unpacked.destroy(error));
  packed.pipe(unpacked);
  await feedAll(unpacked, tap);
}

async function* rejoin(first: Buffer, rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  yield first;
  for (let piece = await rest.next(); !piece.done; piece = await rest.next()) yield piece.value;
}

async function feedAll(pieces: AsyncIterable<Buffer>, tap: TapModule): Promise<void> {
  for await (const piece of pieces) tap.take(piece);
}

function isGzip(start: Uint8Array): boolean {
  return start.length >= 2 && (start[0]! | (start[1]! << 8)) === GZIP;
}
