/**
 * Every limit of the way in. Each names what happens past it; metrics.ts counts it.
 */

/** Bytes of one message. A batch past it is quarantined; see `HARD_MESSAGE_BYTES`. */
export const MAX_MESSAGE_BYTES = 4 << 20;
/** Bytes at which the transport itself gives up and closes the stream with RESOURCE_EXHAUSTED. */
export const HARD_MESSAGE_BYTES = 16 << 20;
/** Counters, peers and strings of one batch; past it the batch is quarantined. */
export const MAX_COUNTERS = 65_536;
export const MAX_PEERS = 16_384;
export const MAX_STRINGS = 65_536;
/** Characters of one string of a batch or a Hello. */
export const MAX_STRING_LENGTH = 2_048;
/** Requests by name of one batch; more are taken out and counted. */
export const MAX_EXEMPLARS = 1_024;
/** Bytes of the path and of the x-request-id of a request by name; one with more is taken out and counted. */
export const MAX_PATH_BYTES = 255;
export const MAX_REQUEST_ID_BYTES = 128;
/** Addresses of one Hello. */
export const MAX_ADDRESSES = 64;
/** Latency buckets (wasm-filter/core/histogram.ts): indexes are 0 to 2367. */
export const BUCKET_COUNT = 2_368;
/** Requests a second over a whole batch that are still believed: no single Envoy worker comes near. */
export const MAX_REQUESTS_PER_SECOND = 5_000_000;
/** Length of a window, milliseconds: the longest outage that a merged window can span. */
export const MAX_WINDOW_MS = 31 * 86_400_000;
/** Bytes that the requests of one batch may have moved, 2^50: so that sums of thousands stay exact and fit in 64 bits. */
export const MAX_BYTES = 2 ** 50;

/** Taps at once, and those of one workload: as many as a filter holds (MAX_TAPS in wasm-filter/core/limits.ts). */
export const MAX_TAPS = 32;
export const MAX_TAPS_OF_WORKLOAD = 4;
/** Who watches taps, over all of them; one more is refused. */
export const MAX_TAP_SUBSCRIBERS = 100;
/** How long one may watch, milliseconds, and the requests a second that a tap shows: what a filter takes at most. */
export const MAX_TAP_MS = 600_000;
export const MAX_TAP_RATE = 100;
/** Live requests that wait for one subscriber; past it the oldest go and are counted. */
export const MAX_TAP_QUEUE = 500;
/** Bytes of the live requests of one message; a filter's has at most MAX_BATCH (wasm-filter/core/limits.ts). */
export const MAX_TAPPED_BYTES = 64 << 10;

/** Streams open at once; one more is refused with RESOURCE_EXHAUSTED. One a worker thread of each proxy. */
export const MAX_STREAMS = 10_000;
/** Hellos that are known by their bytes when an entry of the inbox is read; past it all are read anew. */
export const MAX_KNOWN_HELLOS = 2 * MAX_STREAMS;
/** Batches of one stream that are not durable yet; at the limit the stream is read no further. */
export const MAX_UNACKED_BATCHES = 64;
/** Milliseconds that a stream may take until its Hello. */
export const HELLO_TIMEOUT_MS = 10_000;

/** Characters of a node id past which the reporter's end is not followed; Istio's have some 80. */
export const MAX_NODE_LENGTH = 255;
/**
 * Milliseconds after its start in which control takes nobody for gone: a filter that has lost its stream opens the next
 * within 15 s (LONGEST_BACKOFF in wasm-filter/envoy/delivery.ts).
 */
export const RETURN_MS = 20_000;

/** Bytes that wait in memory for the next commit of the inbox; past it an append is refused. */
export const MAX_QUEUED_BYTES = 64 << 20;
/**
 * Bytes of the entries that stay in memory until the world has read them; past it they are read from the disk. What they decode
 * to takes ten times as much, and a fifth of a second in which it would wait is long enough for it to become old garbage.
 */
export const MAX_RECENT_BYTES = 2 << 20;
/** High-water marks kept; past it the ones heard of longest ago go. */
export const MAX_MARKS = 200_000;
/** Quarantined batches kept for a look; older ones go. */
export const MAX_QUARANTINED = 16;
