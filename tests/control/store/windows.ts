import type {
  Observation,
  Outcome,
  Protocol,
  ReportedWindow,
  ReporterSide,
} from "../../../control/identity/observation.ts";
import type { EdgeTotal } from "../../../control/store/store.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { OUTCOMES } from "../../../control/world/outcomes.ts";
import { VIEWS, shownOf, viewOf } from "../../../control/world/reporter-rule.ts";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";

/** Windows of many lengths within two minutes, of servers with a sidecar, without one, and seen only on the wire. */
export function randomWindows(random: () => number): ReportedWindow[] {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)]!;
  const sidesOf: Record<string, readonly ReporterSide[]> = {
    meshed: ["destination", "source", "wire"],
    plain: ["source", "wire"],
    dark: ["wire"],
  };
  const randomObservation = (): Observation => {
    const values = Array.from({ length: Math.floor(random() * 8) }, () => Math.exp(random() * 16));
    const server = pick(Object.keys(sidesOf));
    return observation({
      side: pick(sidesOf[server]!),
      client: server === "dark" ? "outside" : pick(["a", "b", "meshed"]),
      server,
      protocol: pick<Protocol>(["http", "grpc", "tcp", "redis"]),
      route: pick(["/1", "/2"]),
      outcome: pick<Outcome>(OUTCOMES),
      count: values.length + Math.floor(random() * 3),
      buckets: bucketsOf(values),
      requestBytes: Math.floor(random() * 1e6),
      responseBytes: Math.floor(random() * 2 ** 40),
    });
  };
  return Array.from({ length: 40 }, (_, at) =>
    windowOf(Array.from({ length: 6 }, randomObservation), {
      instance: `instance-${at % 5}`,
      startMs: START_MS + Math.floor(random() * 60_000),
      durationMs: random() < 0.8 ? 1_000 : Math.floor(1 + random() * 50_000),
    }),
  );
}

/** Which of these observations are shown, by the rule as world/ states it. */
export function shownAmong(all: readonly Observation[]): (one: Observation) => boolean {
  const asDestination = new Set(all.filter(({ side }) => side === "destination").map(({ server }) => server));
  const asReporter = new Set([
    ...asDestination,
    ...all.filter(({ side }) => side === "source").map(({ client }) => client),
  ]);
  return (one) => {
    const eitherEnd = asReporter.has(one.client) || asReporter.has(one.server);
    const { protocol } = one;
    const shown = shownOf({ protocol, serverAsDestination: asDestination.has(one.server), eitherEnd });
    return shown.views.some((view) => VIEWS[view] === VIEWS[viewOf(one)]);
  };
}

/** The totals of all these windows. */
export function expectedTotals(windows: readonly ReportedWindow[]): EdgeTotal[] {
  const all = windows.flatMap((window) => window.observations);
  const isShown = shownAmong(all);
  const totals = new Map<string, EdgeTotal>();
  for (const one of all.filter(isShown)) {
    const { client, server, protocol, outcome, count } = one;
    const id = [client, server, protocol].join(" ");
    const none = { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
    const before = totals.get(id) ?? { outcomes: none, requestBytes: 0, responseBytes: 0 };
    totals.set(id, {
      client,
      server,
      protocol,
      outcomes: { ...before.outcomes, [outcome]: before.outcomes[outcome] + count },
      requestBytes: before.requestBytes + one.requestBytes,
      responseBytes: before.responseBytes + one.responseBytes,
    });
  }
  return [...totals].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, total]) => total);
}
