/**
 * Memory for what is needed within one call only: by the writing of a batch (references.ts, latency.ts), and by making
 * room (compact.ts), which comes after it. Neither may rely on what the other left.
 */
const scratch = memory.data(29184, 8);

/** While a batch is written: u16 a string, u16 a peer, (u32, u32) a latency bucket. */
export const BATCH_STRINGS = scratch;
export const BATCH_PEERS = scratch + 8192;
export const BATCH_BUCKETS = scratch + 10240;

/** While room is made: u16 a string, peer, endpoint, counter. */
export const ROOM_STRINGS = scratch;
export const ROOM_PEERS = scratch + 8192;
export const ROOM_ENDPOINTS = scratch + 10240;
export const ROOM_COUNTERS = scratch + 14336;
