/**
 * Every limit of learned routes and of rules. What goes past one is counted (metrics.ts).
 */

/** Segments of a route that are looked at; what a reporter keeps of a path is no longer (wasm-filter/core/limits.ts). */
export const MAX_SEGMENTS = 12;

/** Services whose routes are watched. The routes of further ones stay as they are reported. */
export const MAX_SERVICES = 2_000;
/** Names and values that the tree of one service holds, and all trees together; about 200 bytes each. */
export const MAX_NODES_PER_SERVICE = 10_000;
export const MAX_NODES = 200_000;

/** Places that may be learned of one service, and the names that one of them may keep. */
export const MAX_PLACES = 256;
export const MAX_KEPT_NAMES = 100;
/** Places of one service that the user has told to forget. */
export const MAX_FORGOTTEN = 256;

/** Routes whose template is remembered; past it they are worked out anew. */
export const MAX_CACHED_ROUTES = 100_000;

/** What the filter holds of rules and places (wasm-filter/core/limits.ts). */
export const MAX_RULES = 128;
export const MAX_RULE_BYTES = 200;
/** Bytes of all rules, with four more for each. */
export const MAX_RULES_BYTES = 8_192;
