/**
 * Every bound of a reporter in one place. What goes past one is counted (losses.ts), never dropped in silence.
 *
 * Static memory of the tables, in KB: strings 144, peers 12, endpoints 32, counters 120, latency 224, queue 192, routes 51,
 * seen paths 16, exemplars 18, taps 13, scratch 29; of envoy/connections.ts 64. Of the tap: strings 832, peers 96, endpoints 112,
 * counters 1,408, latency 448, routes 76, seen paths 256, scratch 96: what a node with 250 pods has to tell of, with twenty edges a pod and
 * three counters an edge.
 */

/**
 * Whether this is compiled into the tap's module, which sees all of a node: `--use SIDELIGHT_TAP=...` (wasm-filter/tap).
 * The filter has a megabyte, and several of it may run in a proxy.
 */
export const IS_TAP: bool = isDefined(SIDELIGHT_TAP);

/** Longest string that is kept, in bytes. */
export const MAX_STRING: u32 = 255;
/** Distinct strings, and the bytes they may have in all. */
export const MAX_STRINGS: u32 = IS_TAP ? 16384 : 4096;
export const STRING_BYTES: u32 = IS_TAP ? 512 * 1024 : 64 * 1024;

/** Distinct peers; one of them is "~other". */
export const MAX_PEERS: u32 = IS_TAP ? 8192 : 1024;
/** Endpoints over all services. */
export const MAX_ENDPOINTS: u32 = IS_TAP ? 8192 : 2048;
/** Endpoints a service, where nothing else is configured, and the most that can be configured. */
export const DEFAULT_ENDPOINTS_PER_SERVICE: u32 = 200;
export const MAX_ENDPOINTS_PER_SERVICE: u32 = 1000;

/**
 * Paths whose endpoint is remembered, a power of two, and the longest one. Nothing is counted otherwise with fewer, so they
 * are the first to make room for a bound that users see.
 */
export const SEEN_PATHS: u32 = IS_TAP ? 4096 : 256;
export const MAX_SEEN_PATH: u32 = 56;

/** Distinct (side, peer, endpoint, outcome, status). */
export const MAX_COUNTERS: u32 = IS_TAP ? 16384 : 2048;
/** From here on a new counter gives up its peer, ... */
export const COUNTERS_WITH_PEER: u32 = IS_TAP ? 14336 : 1536;
/** ... and from here on its endpoint too; what is left holds every (side, protocol, outcome) there can be. */
export const COUNTERS_WITH_ENDPOINT: u32 = IS_TAP ? 16320 : 1984;

/** Distinct (counter, latency bucket) in one window. */
export const MAX_LATENCY_CELLS: u32 = IS_TAP ? 32768 : 16384;

/**
 * Longest window. One that seems longer began before the clock was set, and control would not believe it.
 * Milliseconds.
 */
export const MAX_WINDOW_MILLIS: u64 = 7 * 86_400_000;

/** Open TCP connections that are followed; further ones are counted when they close, with all their bytes. */
export const MAX_CONNECTIONS: u32 = 3072;
/**
 * Connections that a tick looks at to see whether they have their upstream, and how many bytes they moved: some 4
 * microseconds each. So with every place taken the bytes of a connection are counted each twelve ticks.
 */
export const SETTLED_A_TICK: u32 = 256;
export const READ_A_TICK: u32 = 256;

/**
 * Requests that a window keeps by name. Failures may take all places, outliers (twice as slow as the slowest of late)
 * and the slowest of an ordinary window leave some to what is worse.
 */
export const MAX_EXEMPLARS: u32 = 48;
export const MAX_SLOW_EXEMPLARS: u32 = 36;
export const MAX_ORDINARY_EXEMPLARS: u32 = 24;
/** How often a window may overwrite the slowest request of a counter by a slower one, all counters together. */
export const COPIES_A_WINDOW: u32 = 256;
/** With more requests in a window a counter is busy: its next window starts near its slowest of late. */
export const BUSY_REQUESTS: u32 = 16;
/** Taps at once, the longest and the fastest one, and the requests of all that wait for the next tick. */
export const MAX_TAPS: u32 = 4;
export const MAX_TAP_MILLIS: u32 = 600_000;
export const MAX_TAP_RATE: u32 = 100;
export const MAX_TAPPED: u32 = 32;
/** How often what taps took is sent. Milliseconds. */
export const TAP_TICK_MILLIS: u32 = 250;
/** Longest request id; a longer one is none. */
export const MAX_REQUEST_ID: u32 = 64;

/** Longest encoded batch, in bytes. A window that needs more is cut into several. */
export const MAX_BATCH: u32 = 32 * 1024;
/** Batches that wait for their acknowledgement, and their bytes in all. */
export const MAX_QUEUED: u32 = 30;
export const QUEUE_BYTES: u32 = 192 * 1024;

/** Route rules of the plugin's configuration, the longest one, and the bytes of all. */
export const MAX_RULES: u32 = 128;
export const MAX_RULE: u32 = 200;
export const RULE_BYTES: u32 = 8 * 1024;
/** What control taught: rules for all services or for one, their bytes, places of ids, and services that have some. */
export const MAX_TAUGHT_RULES: u32 = 512;
export const TAUGHT_RULE_BYTES: u32 = 20 * 1024;
export const MAX_PLACES: u32 = 1024;
export const MAX_SERVICES: u32 = 128;
/** Names under which they are known: one each to the filter, addresses to the tap. Powers of two. */
export const MAX_SERVICE_NAMES: u32 = IS_TAP ? 2048 : 128;
/** Segments of a path that are looked at, what is kept of one, and the longest that can be a name and no id. */
export const MAX_SEGMENTS: u32 = 12;
export const MAX_SEGMENT: u32 = 128;
export const MAX_NAME: u32 = 64;
/** Longest template, so that "/**" still fits behind it. */
export const MAX_TEMPLATE: u32 = 240;

/** Under pressure, what was not used for so long makes room. Milliseconds. */
export const IDLE_MILLIS: u64 = 60_000;
/** Open connections are told again this often while nothing changes. Milliseconds. */
export const ACTIVE_REPEAT_MILLIS: u64 = 10_000;
