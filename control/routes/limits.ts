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

/** Rules of the settings' file or of one annotation, the longest one, and the bytes of all, with four more for each. */
export const MAX_RULES = 128;
export const MAX_RULE_BYTES = 200;
export const MAX_RULES_BYTES = 8_192;

/** OpenAPI documents that are read, the bytes and the paths of one. YAML takes a second a MiB, in which nothing else is done. */
export const MAX_DOCUMENTS = 1_000;
export const MAX_DOCUMENT_BYTES = 16 << 20;
export const MAX_YAML_BYTES = 1 << 20;
export const MAX_DOCUMENT_PATHS = 2_000;

/** What a reporter has room for (wasm-filter/core/limits.ts): rules, their bytes with four more for each, places, ... */
export const MAX_TAUGHT_RULES = 512;
export const MAX_TAUGHT_RULE_BYTES = 20_480;
export const MAX_TAUGHT_PLACES = 1_024;
/** ... services, and the bytes of one message with all of it, as large as Envoy can hand over with what else it says. */
export const MAX_TAUGHT_SERVICES = 128;
export const MAX_TAUGHT_BYTES = 60_000;

/** Names under which a tap may be taught services, which are addresses, and those that are known of one tap and of all. */
export const MAX_TAUGHT_ADDRESSES = 2_048;
export const MAX_ASKED_ADDRESSES_PER_TAP = 4_096;
export const MAX_ASKED_ADDRESSES = 200_000;

/** Workloads of which it is known what they call, and their clusters in all; past it those not seen for longest go. */
export const MAX_CALLERS = 10_000;
export const MAX_CALLED_CLUSTERS = 100_000;
/** Clusters of one workload; its own service is one more that is taught. */
export const MAX_CLUSTERS_PER_CALLER = MAX_TAUGHT_SERVICES - 1;
/** Servers that may stand behind one cluster, as versions of one workload do. */
export const MAX_SERVERS_PER_CLUSTER = 4;
