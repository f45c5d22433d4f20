/** What had to be given up since the last batch, by kind. The numbers are those of LossKind in ingest.proto. */
export namespace Loss {
  export const EDGES_FULL: u32 = 1;
  export const ENDPOINTS_FULL: u32 = 2;
  export const LATENCY_FULL: u32 = 3;
  export const ATTRIBUTES_MISSING: u32 = 4;
  export const VALUES_CUT: u32 = 5;
  export const REQUESTS_LOST: u32 = 6;
  export const CONTROL_MESSAGES_BAD: u32 = 7;
  export const EXEMPLARS_CUT: u32 = 9;
  export const RULES_CUT: u32 = 10;
  export const GAPS: u32 = 11;
  export const FLOWS_EVICTED: u32 = 12;
  export const PACKETS_CUT: u32 = 13;
  export const UNPARSED: u32 = 15;
  export const EXCHANGES_CUT: u32 = 16;
  export const FRAGMENTS_DROPPED: u32 = 17;
  export const LINK_TYPE_UNKNOWN: u32 = 18;
  export const PARSER_FAILED: u32 = 19;
  export const PACKETS_BAD: u32 = 20;
  export const KINDS: u32 = 21;
}

const counts = memory.data(84, 4);
let total: u32 = 0;

/** Counts a loss, or several; a count that is full stays full. */
export function lose(kind: u32, times: u32 = 1): void {
  const at = counts + (kind << 2);
  const count = load<u32>(at);
  store<u32>(at, count + min(times, u32.MAX_VALUE - count));
  total++;
}

/** Losses of one kind since they were last taken. */
export function lossesOf(kind: u32): u32 {
  return load<u32>(counts + (kind << 2));
}

/** Losses of all kinds since the start, modulo 2^32. */
export function lossesEver(): u32 {
  return total;
}

export function hasLosses(): bool {
  for (let kind: u32 = 1; kind < Loss.KINDS; kind++) if (lossesOf(kind)) return true;
  return false;
}

/** Starts anew, once the losses stand in a batch. */
export function clearLosses(): void {
  memory.fill(counts, 0, Loss.KINDS << 2);
}
