import { closeSync, existsSync, fstatSync, ftruncateSync, openSync, readSync } from "node:fs";

/**
 * LMDB maps its file into memory, so a file that is cut short or overwritten does not fail to open: it ends the process
 * with SIGBUS or SIGSEGV, without a word. This looks at the file's two meta pages before LMDB does. Their layout, as
 * the pinned lmdb package writes it (struct MDB_page and MDB_meta of its mdb.c, little endian):
 *
 *     24 magic u32 · 28 version u32 · 48 page size u32 · 144 last page u64 · 152 transaction u64
 *
 * The second meta page lies one page further. The one with the later transaction counts.
 */
const MAGIC = 0xbeefc0de;
const VERSION = 2;
const META_BYTES = 160;
const PAGE_SIZES = { smallest: 256, largest: 65_536 };

interface Meta {
  readonly pageSize: number;
  readonly lastPage: number;
  readonly transaction: number;
}

/**
 * Throws when the file is no LMDB file of this version, or its meta pages are damaged. Lengthens one that is shorter
 * than it says with zeros: LMDB reads those as damage, which it can report, and never maps past the end.
 */
export function checkInboxFile(path: string): void {
  if (!existsSync(path)) return;
  const file = openSync(path, "r+");
  try {
    const { size } = fstatSync(file);
    // Made, and not yet written: the process was killed before its first commit.
    if (size === 0) return;
    const first = readMeta(file, 0);
    const second = first && readMeta(file, first.pageSize);
    if (!first || !second) throw new Error("its first pages are damaged, or are not those of an inbox");
    const { lastPage, pageSize } = first.transaction > second.transaction ? first : second;
    const wanted = (lastPage + 1) * pageSize;
    if (size < wanted) ftruncateSync(file, wanted);
  } finally {
    closeSync(file);
  }
}

function readMeta(file: number, at: number): Meta | undefined {
  const bytes = Buffer.alloc(META_BYTES);
  const isWhole = readSync(file, bytes, 0, META_BYTES, at) === META_BYTES;
  if (!isWhole || bytes.readUInt32LE(24) !== MAGIC || bytes.readUInt32LE(28) !== VERSION) return undefined;
  const pageSize = bytes.readUInt32LE(48);
  if (pageSize < PAGE_SIZES.smallest || pageSize > PAGE_SIZES.largest) return undefined;
  return {
    pageSize,
    lastPage: Number(bytes.readBigUInt64LE(144)),
    transaction: Number(bytes.readBigUInt64LE(152)),
  };
}
