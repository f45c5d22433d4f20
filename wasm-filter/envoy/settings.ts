import { setMaxEndpoints } from "../core/endpoints";
import { setExemplars } from "../core/exemplars";

/**
 * What both the plugin's configuration and control may set; control goes before. 0 = not set. (Route rules are
 * another such setting and lie in core/routes/rules.ts.)
 */
const DEFAULT_INTERVAL: u32 = 1000;
export const SHORTEST_INTERVAL: u32 = 100;
export const LONGEST_INTERVAL: u32 = 60_000;

let configuredInterval: u32 = 0;
let configuredEndpoints: u32 = 0;
let taughtInterval: u32 = 0;
let taughtEndpoints: u32 = 0;
let configuredExemplars: bool = true;
let taughtExemplars: u32 = 0;

/** Switch in ingest.proto. */
const SWITCH_ON: u32 = 1;
const SWITCH_OFF: u32 = 2;

/** The reporting interval in milliseconds. */
export function setConfiguredInterval(millis: u32): void {
  configuredInterval = millis;
}

/** Endpoints that a service may have. */
export function setConfiguredEndpoints(count: u32): void {
  configuredEndpoints = count;
  applyEndpoints();
}

/** Whether slow and failed requests are kept by name. */
export function setConfiguredExemplars(on: bool): void {
  configuredExemplars = on;
  applyExemplars();
}

/** Takes what control says; what it leaves out is again as configured. `exemplars` is a Switch. */
export function setTaught(intervalMillis: u32, endpoints: u32, exemplars: u32): void {
  taughtInterval = intervalMillis;
  taughtEndpoints = endpoints;
  taughtExemplars = exemplars;
  applyEndpoints();
  applyExemplars();
}

function applyExemplars(): void {
  setExemplars(taughtExemplars == SWITCH_ON || (taughtExemplars != SWITCH_OFF && configuredExemplars));
}

function applyEndpoints(): void {
  setMaxEndpoints(taughtEndpoints ? taughtEndpoints : configuredEndpoints);
}

export function intervalMillis(): u32 {
  const wanted = taughtInterval ? taughtInterval : configuredInterval ? configuredInterval : DEFAULT_INTERVAL;
  return min(max(wanted, SHORTEST_INTERVAL), LONGEST_INTERVAL);
}
