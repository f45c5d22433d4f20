import { BLOCK_BYTES, MAX_BLOCKS, SLACK } from "./limits";

/**
 * Blocks of memory for what few flows need: the beginning of a message whose rest has yet to come, or what a parser must
 * know of a connection. Known by number + 1, so that 0 says none.
 *
 *     links   u32 x MAX_BLOCKS   next of the free ones
 *     blocks  BLOCK_BYTES x MAX_BLOCKS
 */
const links = memory.data(MAX_BLOCKS * 4, 4);
const blocks: usize = heap.alloc(MAX_BLOCKS * BLOCK_BYTES + SLACK);
let touched: u32 = 0;
let firstFree: u32 = 0;

/** A block, 0 where all are taken. What is in it is left from before. */
export function takeBlock(): u32 {
  if (firstFree) {
    const block = firstFree;
    firstFree = load<u32>(links + ((<usize>(block - 1)) << 2));
    return block;
  }
  return touched < MAX_BLOCKS ? ++touched : 0;
}

export function freeBlock(block: u32): void {
  if (!block) return;
  store<u32>(links + ((<usize>(block - 1)) << 2), firstFree);
  firstFree = block;
}

/** Where the BLOCK_BYTES of a block lie. */
export function blockAt(block: u32): usize {
  return blocks + <usize>(block - 1) * BLOCK_BYTES;
}
