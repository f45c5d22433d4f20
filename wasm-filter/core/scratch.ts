import { IS_TAP, MAX_ENDPOINTS, MAX_PEERS, MAX_STRINGS } from "./limits";

/**
 * Memory for what is needed within one call only: by the writing of a batch (references.ts, latency.ts), and by making
 * room (compact.ts), which comes after it. Neither may rely on what the other left.
 */
/** Behind the strings and peers there are the larger of all buckets, and of endpoints and counters. */
const scratch = memory.data((MAX_STRINGS + MAX_PEERS) * 2 + (IS_TAP ? 49152 : 18944), 8);

/** While a batch is written: u16 a string, u16 a peer, (u32, u32) a latency bucket. */
export const BATCH_STRINGS = scratch;
export const BATCH_PEERS = scratch + MAX_STRINGS * 2;
export const BATCH_BUCKETS = scratch + (MAX_STRINGS + MAX_PEERS) * 2;

/** While room is made: u16 a string, peer, endpoint, counter. */
export const ROOM_STRINGS = scratch;
export const ROOM_PEERS = scratch + MAX_STRINGS * 2;
export const ROOM_ENDPOINTS = scratch + (MAX_STRINGS + MAX_PEERS) * 2;
export const ROOM_COUNTERS = scratch + (MAX_STRINGS + MAX_PEERS + MAX_ENDPOINTS) * 2;
