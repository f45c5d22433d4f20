import { setMaxEndpoints } from "../core/endpoints";

/**
 * What both the plugin's configuration and control may set; control goes before. 0 = not set. (Route rules are the
 * third such setting and lie in core/routes/rules.ts.)
 */
const DEFAULT_INTERVAL: u32 = 1000;
const SHORTEST: u32 = 100;
const LONGEST: u32 = 60_000;

let configuredInterval: u32 = 0;
let configuredEndpoints: u32 = 0;
let taughtInterval: u32 = 0;
let taughtEndpoints: u32 = 0;

/** The reporting interval in milliseconds. */
export function setConfiguredInterval(millis: u32): void {
  configuredInterval = millis;
}

/** Endpoints that a service may have. */
export function setConfiguredEndpoints(count: u32): void {
  configuredEndpoints = count;
  applyEndpoints();
}

/** Takes what control says; what it leaves out is again as configured. */
export function setTaught(intervalMillis: u32, endpoints: u32): void {
  taughtInterval = intervalMillis;
  taughtEndpoints = endpoints;
  applyEndpoints();
}

function applyEndpoints(): void {
  setMaxEndpoints(taughtEndpoints ? taughtEndpoints : configuredEndpoints);
}

export function intervalMillis(): u32 {
  const wanted = taughtInterval ? taughtInterval : configuredInterval ? configuredInterval : DEFAULT_INTERVAL;
  return min(max(wanted, SHORTEST), LONGEST);
}
