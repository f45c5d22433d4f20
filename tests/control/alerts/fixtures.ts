import type { AlertChange } from "../../../control/alerts/alert-book.ts";
import { AlertEngine } from "../../../control/alerts/engine.ts";
import type { CountedStep } from "../../../control/alerts/engine.ts";
import { SLOT_MS } from "../../../control/alerts/counting/slots.ts";
import type { BurnRule, Rule, RuleHead, ThresholdRule } from "../../../control/alerts/rule.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";

/** A whole hour, so that windows of every grain begin here. */
export const BEGIN_MS = 1_700_006_400_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

export const HEAD: RuleHead = {
  name: "errors",
  where: [],
  groupBy: [{ attribute: "workload", end: undefined }],
  forMs: 0,
  keepMs: 0,
  description: "",
  runbook: "",
  owner: "",
};

/** More than 5 % of at least 20 requests to a workload failed over 5 minutes, unless said otherwise. */
export function threshold(differing: Partial<ThresholdRule> = {}): ThresholdRule {
  return {
    kind: "threshold",
    ...HEAD,
    severity: "critical",
    indicator: { kind: "errors" },
    comparison: "above",
    value: 0.05,
    clearValue: 0.04,
    windowMs: 5 * MINUTE_MS,
    minRequests: 20,
    ...differing,
  };
}

/** 99.9 % over 30 days, with the windows of the Site Reliability Workbook, unless said otherwise. */
export function burn(differing: Partial<BurnRule> = {}): BurnRule {
  return {
    kind: "burn",
    ...HEAD,
    name: "availability",
    indicator: { kind: "errors" },
    objective: 0.999,
    windowMs: 30 * 24 * HOUR_MS,
    minRequests: 20,
    burns: [
      { severity: "critical", longMs: HOUR_MS, shortMs: 5 * MINUTE_MS, burnRate: 14.4 },
      { severity: "critical", longMs: 6 * HOUR_MS, shortMs: 30 * MINUTE_MS, burnRate: 6 },
      { severity: "warning", longMs: 72 * HOUR_MS, shortMs: 6 * HOUR_MS, burnRate: 1 },
    ],
    ...differing,
  };
}

/** Requests of one slot: `client > server` by what it came to. */
export interface Asked {
  readonly client?: string;
  readonly server?: string;
  readonly route?: string;
  readonly good?: number;
  readonly failed?: number;
  /** Good ones that took two seconds. */
  readonly slow?: number;
  /** Whose sidecars counted them; both, unless said otherwise. */
  readonly by?: { readonly client: boolean; readonly server: boolean };
}

export function stepOf(atMs: number, asked: readonly Asked[]): CountedStep {
  return {
    atMs,
    counts: asked.map(
      ({ client = "shop/front", server = "shop/user", route = "/", good = 0, failed = 0, slow = 0, by }) => ({
        ...(by && { by }),
        series: { client, server, protocol: "http" as const, method: "GET", route },
        outcomes: [good + slow, 0, failed, 0, 0],
        buckets: [
          ...(good > 0 ? [bucketsOf([10_000])[0]!, good] : []),
          ...(slow > 0 ? [bucketsOf([2_000_000])[0]!, slow] : []),
        ],
      }),
    ),
  };
}

/** An engine on a clock that is moved by hand. */
export class Bench {
  readonly engine: AlertEngine;
  /** What changed, "firing critical 00:05:10". */
  readonly changes: AlertChange[] = [];
  readonly told: string[] = [];

  constructor(rules: readonly Rule[], endMs = BEGIN_MS) {
    this.engine = new AlertEngine({ rules });
    this.engine.begin(endMs);
  }

  /** Goes on by so many slots with the same requests in each; with none at all where nothing is given. */
  run(slots: number, ...asked: readonly Asked[]): this {
    for (let slot = 0; slot < slots; slot++) {
      if (asked.length > 0) this.engine.replay(stepOf(this.engine.endMs, asked), SLOT_MS);
      this.tick();
    }
    return this;
  }

  tick(): void {
    const { changes, tellings } = this.engine.tick([]);
    this.changes.push(...changes);
    for (const { id, incident } of tellings)
      this.told.push(`${incident.origin.server} ${id.slice(id.indexOf("/") + 1)}`);
  }

  /** "firing after 5 min": what changed, and when since the beginning. */
  get log(): string[] {
    return this.changes.map(({ alert, isDropped }) => {
      const { state, resolvedMs, firedMs, sinceMs } = alert;
      const atMs = resolvedMs ?? firedMs ?? sinceMs;
      const by = alert.resolvedBy === null ? "" : ` (${alert.resolvedBy})`;
      return `${isDropped ? "dropped" : state}${by} at ${(atMs - BEGIN_MS) / 1_000} s`;
    });
  }
}
