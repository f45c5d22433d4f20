/** What befalls a week: twenty faults of known kinds, one in each eight hours, and in the last eight one that is only unusual. */
import type { Chance } from "./chance.ts";
import type { Call } from "./shop.ts";

const MINUTE_MS = 60_000;
const PLACE_MS = 8 * 3_600_000;

export const HARMFUL = [
  "errorBurst",
  "slowBurn",
  "latencyStep",
  "dependencyDown",
  "partialEndpoint",
  "brownOut",
] as const;
export const HARMLESS = ["deployBlip", "oneOfTwo", "trafficSpike", "reporterGap", "scaleDown"] as const;

type OfAWeek = (typeof HARMFUL)[number] | (typeof HARMLESS)[number];

/** `slower` is worth a warning and no page: slower than usual, and under a second. */
export type FaultKind = OfAWeek | "slower";

export interface Fault {
  readonly kind: FaultKind;
  readonly server: string;
  /** Only this one; all where it is empty. */
  readonly route: string;
  /** Milliseconds since the week began. */
  readonly fromMs: number;
  readonly toMs: number;
  /** Shares of requests, 0 to 1. */
  readonly failed: number;
  readonly slow: number;
  /** What fails never arrives. */
  readonly isAway: boolean;
  /** Requests are so many times as many, and take so many times as long. */
  readonly traffic: number;
  readonly times: number;
}

/** Twice each of what harms, and eight of what does not. */
const OF_A_WEEK: readonly OfAWeek[] = [...HARMFUL, ...HARMFUL, ...HARMLESS, "deployBlip", "deployBlip", "trafficSpike"];

export function faultsOf(chance: Chance, calls: readonly Call[]): Fault[] {
  const left = [...OF_A_WEEK];
  return OF_A_WEEK.map((_, place) => {
    const [kind] = left.splice(Math.floor(chance.between(0, left.length)), 1);
    return faultOf(kind!, { chance, calls, placeMs: place * PLACE_MS });
  });
}

/** One that is only unusual, at a server that is asked enough to tell. */
export function slowerFault(chance: Chance, calls: readonly Call[]): Fault {
  const { server } = chance.pick(calls.filter(({ rate }) => rate >= 1));
  const fromMs = OF_A_WEEK.length * PLACE_MS + chance.between(0, 5 * 60 * MINUTE_MS);
  const toMs = fromMs + chance.between(30, 60) * MINUTE_MS;
  const none = { route: "", failed: 0, slow: 0, isAway: false, traffic: 1 };
  return { kind: "slower", server, ...none, fromMs, toMs, times: chance.between(4, 6) };
}

interface Place {
  readonly chance: Chance;
  readonly calls: readonly Call[];
  readonly placeMs: number;
}

function faultOf(kind: OfAWeek, { chance, calls, placeMs }: Place): Fault {
  const servers = [...new Set(calls.map(({ server }) => server))];
  const last = (minutes: readonly [number, number]): { fromMs: number; toMs: number } => {
    const fromMs = placeMs + chance.between(0, kind === "slowBurn" ? 30 * MINUTE_MS : 5 * 60 * MINUTE_MS);
    return { fromMs, toMs: fromMs + chance.between(...minutes) * MINUTE_MS };
  };
  const server = chance.pick(servers);
  const none = { kind, server, route: "", failed: 0, slow: 0, isAway: false, traffic: 1, times: 1 };
  switch (kind) {
    case "errorBurst":
      return { ...none, ...last([5, 30]), failed: chance.between(0.1, 0.6) };
    case "slowBurn":
      return { ...none, ...last([360, 420]), failed: chance.between(0.005, 0.014) };
    case "latencyStep":
      return { ...none, ...last([20, 60]), slow: chance.between(0.3, 0.9) };
    case "dependencyDown":
      return { ...none, ...last([5, 20]), failed: chance.between(0.9, 1), isAway: true };
    case "partialEndpoint": {
      const { server: ofRoute, route } = chance.pick(calls);
      return { ...none, ...last([15, 45]), server: ofRoute, route, failed: chance.between(0.5, 1) };
    }
    case "brownOut":
      return { ...none, ...last([10, 30]), failed: chance.between(0.1, 0.25), slow: chance.between(0.3, 0.5) };
    case "deployBlip":
      return { ...none, ...last([0.17, 0.34]), failed: chance.between(0.02, 0.2) };
    case "oneOfTwo":
      return { ...none, ...last([0.17, 0.17]), server: "shop/admin", failed: 0.5 };
    case "trafficSpike":
      return { ...none, ...last([5, 20]), traffic: chance.between(3, 6) };
    case "reporterGap":
      return { ...none, ...last([2, 15]), traffic: 0 };
    case "scaleDown":
      return { ...none, ...last([60, 180]), traffic: 0 };
  }
}
