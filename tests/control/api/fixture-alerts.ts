/** Alerts as the wiring would hand them to the APIs, of which a test says what they are. */
import type { Objective } from "../../../control/alerts/objective.ts";
import type {
  AlertsNow,
  AlertSource,
  Applied,
  BacktestQuestion,
  BacktestResult,
  PastAlerts,
  ReceiverStatus,
  ShownAlert,
  ShownIncident,
  StatedObject,
} from "../../../control/api/alert-source.ts";
import type { AlertCause } from "../../../control/store/alert-event.ts";
import type { TimeRange } from "../../../control/store/store.ts";

/** A minute of January 2026. */
export const AT_MS = 1_767_607_200_000;
const MINUTE_MS = 60_000;

export function shownAlert(changed: Partial<ShownAlert> = {}): ShownAlert {
  const { rule = "user-availability", sinceMs = AT_MS - 10 * MINUTE_MS } = changed;
  return {
    id: `${rule}-${sinceMs.toString(36)}`,
    fingerprint: "00c0ffee00c0ffee",
    rule,
    severity: "critical",
    state: "firing",
    labels: { workload: "shop/user" },
    sinceMs,
    firedMs: sinceMs + 2 * MINUTE_MS,
    resolvedMs: null,
    resolvedBy: null,
    measured: { value: 0.052, limit: 0.01, usual: null, requests: 1_000, bad: 52 },
    summary: "5.2 % of requests to shop/user failed over 5 min (limit 1 %)",
    description: "Look at the database first.",
    runbook: "https://wiki.test/user",
    owner: "team-user",
    incident: "one",
    mutedBy: "",
    ...changed,
  };
}

export function shownIncident(changed: Partial<ShownIncident> = {}): ShownIncident {
  return {
    id: "one",
    state: "firing",
    severity: "critical",
    sinceMs: AT_MS - 10 * MINUTE_MS,
    resolvedMs: null,
    origin: { server: "shop/user", method: "GET", route: "/cards" },
    alerts: [shownAlert()],
    affected: ["shop/front-end", "shop/orders"],
    mutedBy: "",
    isTold: true,
    ...changed,
  };
}

export function objective(changed: Partial<Objective> = {}): Objective {
  return {
    slo: "user-availability",
    labels: { workload: "shop/user" },
    title: "availability of shop/user",
    description: "",
    owner: "team-user",
    objective: 0.999,
    actual: 0.9995,
    windowMs: 30 * 86_400_000,
    knownMs: 7 * 86_400_000,
    requests: 1_000_000,
    bad: 500,
    budgetLeft: 0.5,
    burns: [
      { windowMs: 60 * MINUTE_MS, rate: 2 },
      { windowMs: 6 * 60 * MINUTE_MS, rate: 0.5 },
    ],
    runsOutMs: AT_MS + 6 * 3_600_000,
    state: "firing",
    severity: "critical",
    ...changed,
  };
}

export function statedObject(changed: Partial<StatedObject> = {}): StatedObject {
  return {
    kind: "SLO",
    name: "user-availability",
    origin: "api",
    yaml: "kind: SLO\nmetadata:\n  name: user-availability\n",
    file: "",
    line: 0,
    error: "",
    isDisabled: false,
    waits: "",
    replacesDefault: false,
    ...changed,
  };
}

export function receiver(changed: Partial<ReceiverStatus> = {}): ReceiverStatus {
  return {
    name: "pager",
    kind: "pagerduty",
    sent: 3,
    failed: 1,
    waiting: 1,
    waitingSinceMs: AT_MS - 1_000,
    dead: [{ id: "one/critical", incident: "one", atMs: AT_MS, error: "404 Not Found", title: "shop/user fails" }],
    error: "404 Not Found",
    lastSentMs: AT_MS - MINUTE_MS,
    failingSinceMs: AT_MS - 1_000,
    nextTryMs: AT_MS + 1_000,
    isRateLimited: false,
    ...changed,
  };
}

/** What is open, and what was asked; a test changes what it likes. */
export class MemoryAlerts implements AlertSource {
  open: AlertsNow = { atMs: AT_MS, waits: "", alerts: [shownAlert()], incidents: [shownIncident()] };
  history: readonly ShownAlert[] = [];
  budgets: readonly Objective[] = [objective()];
  written: readonly StatedObject[] = [statedObject()];
  told: readonly ReceiverStatus[] = [receiver()];
  /** What incidents of the past were put down to. */
  causes = new Map<string, AlertCause>();
  /** Calls, in the order in which they came. */
  readonly calls: unknown[][] = [];
  readonly #listeners = new Set<() => void>();

  /** Of `onChanged` that have not ended. */
  get followers(): number {
    return this.#listeners.size;
  }

  now(): AlertsNow {
    return this.open;
  }

  onChanged(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  change(open: Partial<AlertsNow>): void {
    this.open = { ...this.open, ...open };
    for (const listener of this.#listeners) listener();
  }

  past(range: TimeRange, limit: number): Promise<PastAlerts> {
    this.calls.push(["past", range, limit]);
    return Promise.resolve({ alerts: this.history.slice(0, limit), causes: this.causes });
  }

  objectives(): readonly Objective[] {
    return this.budgets;
  }

  objects(): readonly StatedObject[] {
    return this.written;
  }

  apply(yaml: string, isDryRun: boolean): Promise<Applied> {
    this.calls.push(["apply", yaml, isDryRun]);
    const changes = [{ kind: "Alert", name: "late", before: "", after: yaml }];
    return Promise.resolve({ changes, problems: [] });
  }

  remove(kind: string, name: string): Promise<boolean> {
    this.calls.push(["remove", kind, name]);
    return Promise.resolve(this.written.some((each) => each.kind === kind && each.name === name));
  }

  backtest(
    question: BacktestQuestion,
    onProgress: (share: number) => void,
    signal: AbortSignal,
  ): Promise<BacktestResult> {
    this.calls.push(["backtest", question]);
    onProgress(0.5);
    signal.throwIfAborted();
    const alerts = [shownAlert({ state: "resolved" })];
    return Promise.resolve({
      alerts,
      total: 1,
      incidents: 1,
      stepMs: MINUTE_MS,
      range: question.range,
      problems: [],
      sinceMs: question.range.toMs - 3_600_000,
      refused: [{ rule: "nobody-calls", why: "silence is not judged" }],
    });
  }

  receivers(): readonly ReceiverStatus[] {
    return this.told;
  }

  test(name: string): Promise<string | undefined> {
    this.calls.push(["test", name]);
    return Promise.resolve(this.told.some((each) => each.name === name) ? "" : undefined);
  }

  settle(name: string, ids: readonly string[], isDrop: boolean): Promise<number> {
    this.calls.push(["settle", name, ids, isDrop]);
    return Promise.resolve(ids.length || 1);
  }
}
