/** A week of a shop, ten seconds after ten seconds: daily and weekly shape, noise, and what befalls it. */
import type { CountedStep } from "../../control/alerts/engine.ts";
import { SLOT_MS } from "../../control/alerts/counting/slots.ts";
import { bucketsOf } from "../../control/world/histogram.ts";
import { generator } from "../statistics.ts";
import { Chance } from "./chance.ts";
import { faultsOf, slowerFault } from "./faults.ts";
import type { Fault } from "./faults.ts";
import { Latencies } from "./latencies.ts";
import { shopCalls, spoils } from "./shop.ts";
import type { Call } from "./shop.ts";

/** A Monday. */
export const BEGIN_MS = Date.UTC(2026, 0, 5);
export const WEEK_MS = 7 * 24 * 3_600_000;
const HOUR_MS = 3_600_000;

/** Weeks that lie before, of which one hour in fifty of an endpoint was six times as slow. */
const WEEKS_BEFORE = 5;
const SPOILT_HOURS = 0.02;

/** Requests that fail and that take long where nothing is wrong. */
const USUALLY_FAILED = 0.0002;
const USUALLY_SLOW = 0.002;
const SLOW = bucketsOf([2_500_000])[0]!;

/** What goes wrong at a server, shares of its requests. */
interface Wrong {
  failed: number;
  slow: number;
}

/** What a fault did to its server in its first hour. */
export interface Harm {
  requests: number;
  failed: number;
  slow: number;
}

export class Week {
  readonly faults: readonly Fault[];
  readonly harm: readonly Harm[];
  readonly #calls = shopCalls();
  readonly #chance: Chance;
  /** Apart, so that what befalls a week is the same whatever is drawn for it. */
  readonly #chanceOfTime: Chance;
  readonly #latencies: Latencies;
  /** Slow noise of each call, about 1. */
  readonly #noise: Float64Array;

  constructor(seed: number) {
    this.#chance = new Chance(generator(seed));
    this.#chanceOfTime = new Chance(generator(seed + 1_000_000));
    this.#latencies = new Latencies(this.#chanceOfTime, this.#calls.length);
    this.faults = [...faultsOf(this.#chance, this.#calls), slowerFault(this.#chanceOfTime, this.#calls)];
    this.harm = this.faults.map(() => ({ requests: 0, failed: 0, slow: 0 }));
    this.#noise = new Float64Array(this.#calls.length).fill(1);
  }

  /** The hours of the weeks before, oldest first. */
  *before(): Generator<CountedStep> {
    const chance = this.#chanceOfTime;
    for (let atMs = -WEEKS_BEFORE * WEEK_MS; atMs < 0; atMs += HOUR_MS) {
      const busy = shapeOf(WEEKS_BEFORE * WEEK_MS + atMs + HOUR_MS / 2);
      const counts = this.#calls.map((call, at) => {
        const requests = chance.count(call.rate * (HOUR_MS / 1_000) * busy);
        const times = chance.between(0, 1) < SPOILT_HOURS ? 6 : 1;
        const slow = chance.of(requests, USUALLY_SLOW);
        const buckets = this.#latencies.of(at, requests - slow, { busy, times });
        return countsOf(call, { requests, failed: 0, slow, isAway: false }, buckets);
      });
      yield { atMs: BEGIN_MS + atMs, counts: counts.filter(({ buckets }) => buckets.length > 0) };
    }
  }

  /** @param atMs since the week began */
  step(atMs: number): CountedStep {
    const now = this.faults.filter(({ fromMs, toMs }) => fromMs < atMs + SLOT_MS && atMs < toMs);
    const wrong = this.#wrong(now);
    const shape = shapeOf(atMs);
    const counts: CountedStep["counts"][number][] = [];
    this.#calls.forEach((call, at) => {
      this.#noise[at]! += 0.02 * (1 - this.#noise[at]!) + 0.01 * this.#chance.between(-1, 1);
      const traffic = now.find((fault) => isOf(fault, call))?.traffic ?? 1;
      const requests = this.#chance.count(call.rate * (SLOT_MS / 1_000) * shape * this.#noise[at]! * traffic);
      if (requests === 0) return;
      const own = now.find((fault) => fault.route !== "" && isOf(fault, call));
      const below = wrong.get(call.server)!;
      const failed = this.#chance.of(requests, Math.min(1, below.failed + (own?.failed ?? 0)));
      const slow = this.#chance.of(requests - failed, Math.min(1, below.slow + (own?.slow ?? 0)));
      const isAway = now.some((fault) => fault.isAway && isOf(fault, call));
      this.#note(call, atMs, { requests, failed, slow });
      const times = now.find((fault) => isOf(fault, call))?.times ?? 1;
      const quick = requests - slow - (isAway ? failed : 0);
      const buckets = this.#latencies.of(at, quick, { busy: shape, times });
      counts.push(countsOf(call, { requests, failed, slow, isAway }, buckets));
    });
    return { atMs: BEGIN_MS + atMs, counts };
  }

  /** Servers of which new pods begin in a slot: a deploy is why they stumble. @param atMs since the week began */
  started(atMs: number): string[] {
    const isNow = ({ fromMs }: Fault): boolean => fromMs >= atMs && fromMs < atMs + SLOT_MS;
    return this.faults.filter((fault) => fault.kind === "deployBlip" && isNow(fault)).map(({ server }) => server);
  }

  /** By server, the deepest first: its own, and of what is wrong below it as much as it asks there. */
  #wrong(now: readonly Fault[]): ReadonlyMap<string, Wrong> {
    const wrong = new Map<string, Wrong>();
    for (const { server } of this.#calls) {
      const own = now.filter((fault) => fault.server === server && fault.route === "");
      const sum = (what: "failed" | "slow"): number => own.reduce((all, fault) => all + fault[what], 0);
      wrong.set(server, { failed: USUALLY_FAILED + sum("failed"), slow: USUALLY_SLOW + sum("slow") });
    }
    if (now.length === 0) return wrong;
    const seen = new Set<string>();
    for (const { client, server } of [...this.#calls].reverse()) {
      const above = wrong.get(client);
      if (!above || seen.has(`${client} ${server}`)) continue;
      seen.add(`${client} ${server}`);
      const ofRoute = now.find((fault) => fault.server === server && fault.route !== "");
      const routes = this.#calls.filter((call) => call.client === client && call.server === server);
      const part = routes.filter(({ route }) => route === ofRoute?.route).length / routes.length;
      const below = wrong.get(server)!;
      above.failed += spoils(client, server) * (below.failed - USUALLY_FAILED + (ofRoute?.failed ?? 0) * part);
      above.slow += spoils(client, server) * (below.slow - USUALLY_SLOW);
    }
    return wrong;
  }

  #note({ server }: Call, atMs: number, counted: Harm): void {
    this.faults.forEach((fault, at) => {
      if (fault.server !== server || atMs + SLOT_MS <= fault.fromMs || atMs >= fault.fromMs + HOUR_MS) return;
      const harm = this.harm[at]!;
      harm.requests += counted.requests;
      harm.failed += counted.failed;
      harm.slow += counted.slow;
    });
  }
}

function isOf({ server, route }: Fault, call: Call): boolean {
  return call.server === server && (route === "" || route === call.route);
}

/** Of the busiest time: least at four in the morning, and less at the weekend. */
function shapeOf(atMs: number): number {
  const hour = (atMs / HOUR_MS) % 24;
  const isWeekend = (atMs / HOUR_MS / 24) % 7 >= 5;
  return (0.55 - 0.45 * Math.cos(((hour - 4) / 24) * 2 * Math.PI)) * (isWeekend ? 0.6 : 1);
}

function countsOf(
  { client, server, method, route }: Call,
  { requests, failed, slow, isAway }: Harm & { readonly isAway: boolean },
  quick: readonly number[],
): CountedStep["counts"][number] {
  const good = requests - failed;
  const buckets = [...quick, ...(slow > 0 ? [SLOW, slow] : [])];
  const outcomes = [good, 0, isAway ? 0 : failed, isAway ? failed : 0, 0];
  return { series: { client, server, protocol: "http", method, route }, outcomes, buckets };
}
