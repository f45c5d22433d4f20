/** One week, judged: which faults were told of, when, and what was told of nothing. */
import { SLOT_MS } from "../../control/alerts/counting/slots.ts";
import { AlertEngine } from "../../control/alerts/engine.ts";
import { defaultObjects } from "../../control/alerts/objects/defaults.ts";
import { expand } from "../../control/alerts/objects/expand.ts";
import type { ReportedWindow } from "../../control/identity/observation.ts";
import type { Fault, FaultKind } from "./faults.ts";
import { HARMFUL } from "./faults.ts";
import { Hours } from "./hours.ts";
import { BEGIN_MS, WEEK_MS, Week } from "./week.ts";
import type { Harm } from "./week.ts";

/** Windows still hold a fault for a while after it is over. */
const AFTER_MS = 5 * 60_000;
/** Of the budget of 30 days in an hour: 14.4 times 0.1 % may fail, and 14.4 times 1 % take more than a second. */
const BURNS = { failed: 0.0144, slow: 0.144 };
/** Fewer spoilt requests than these are no incident. */
const LEAST = 5;

/** What became of a fault that harms. */
export interface Fared {
  readonly kind: FaultKind;
  /** It uses up more than 2 % of a 30-day budget within an hour. */
  readonly isBurning: boolean;
  /** Seconds until somebody was paged; null for never. */
  readonly pagedAfter: number | null;
  readonly isOriginRight: boolean;
  readonly pages: number;
  /** Rules that fired, critical or not. */
  readonly rules: readonly string[];
}

/** Something that was told of no fault that harms. */
export interface FalseAlarm {
  readonly rules: readonly string[];
  readonly isPage: boolean;
  readonly summary: string;
  /** The harmless one that was there; empty for none. */
  readonly kind: string;
}

export interface JudgedWeek {
  readonly seed: number;
  readonly fared: readonly Fared[];
  readonly falseAlarms: readonly FalseAlarm[];
  /** Seconds until somebody was warned of what was only slower than usual; null for never. */
  readonly warnedAfter: number | null;
}

/** Something that was told. */
interface Said {
  readonly atMs: number;
  readonly isPage: boolean;
  readonly origin: string;
  readonly rules: readonly string[];
  readonly summary: string;
}

export function runWeek(seed: number): JudgedWeek {
  const week = new Week(seed);
  const said = judge(week);
  const harmful = week.faults
    .map((fault, at) => ({ fault, harm: week.harm[at]! }))
    .filter(({ fault }) => isHarmful(fault));
  const isDuring = ({ fromMs, toMs }: Fault, atMs: number): boolean => fromMs <= atMs && atMs < toMs + AFTER_MS;
  const fared = harmful.map(({ fault, harm }) =>
    faredOf(
      fault,
      harm,
      said.filter(({ atMs }) => isDuring(fault, atMs)),
    ),
  );
  const slower = week.faults.find(({ kind }) => kind === "slower")!;
  const warning = said.find(
    ({ atMs, isPage, origin }) => !isPage && origin === slower.server && isDuring(slower, atMs),
  );
  const falseAlarms = said
    .filter(({ atMs }) => !harmful.some(({ fault }) => isDuring(fault, atMs)))
    .filter(({ atMs, isPage }) => isPage || !isDuring(slower, atMs))
    .map(({ atMs, rules, isPage, summary }) => {
      const kind = week.faults.find((fault) => isDuring(fault, atMs))?.kind ?? "";
      return { rules, isPage, summary, kind };
    });
  return { seed, fared, falseAlarms, warnedAfter: warning ? (warning.atMs - slower.fromMs) / 1_000 : null };
}

function judge(week: Week): Said[] {
  const engine = new AlertEngine({ rules: expand(defaultObjects()).rules });
  engine.begin(BEGIN_MS);
  for (const hour of week.before()) engine.learn(hour);
  const hours = new Hours();
  const said: Said[] = [];
  for (let atMs = 0; atMs < WEEK_MS; atMs += SLOT_MS) {
    const step = week.step(atMs);
    const finished = hours.add(step);
    if (finished) engine.learn(finished);
    engine.replay(step, SLOT_MS);
    for (const server of week.started(atMs)) engine.add(beginningOf(server, BEGIN_MS + atMs));
    for (const { incident } of engine.tick([]).tellings) {
      if (incident.state !== "firing") continue;
      const rules = [...new Set(incident.alerts.map(({ rule }) => rule))];
      const summary = incident.alerts[0]?.summary ?? "";
      const isPage = incident.severity === "critical";
      said.push({ atMs: atMs + SLOT_MS, isPage, origin: incident.origin.server, rules, summary });
    }
  }
  return said;
}

/** The first window of a sidecar; what it counts is in the week's steps. */
function beginningOf(reporter: string, startMs: number): ReportedWindow {
  const nothing = { nodes: [], observations: [], pods: [], losses: [], exemplars: [] };
  return { reporter, instance: reporter, isFirst: true, startMs, durationMs: 1_000, ...nothing };
}

function isHarmful({ kind }: Fault): boolean {
  return (HARMFUL as readonly string[]).includes(kind);
}

function faredOf({ kind, server, fromMs }: Fault, { requests, failed, slow }: Harm, said: readonly Said[]): Fared {
  const isPast = (bad: number, share: number): boolean => bad >= LEAST && bad > share * requests;
  const pages = said.filter(({ isPage }) => isPage);
  const [first] = pages;
  return {
    kind,
    isBurning: isPast(failed, BURNS.failed) || isPast(slow, BURNS.slow),
    pagedAfter: first ? (first.atMs - fromMs) / 1_000 : null,
    isOriginRight: first?.origin === server,
    pages: pages.length,
    rules: [...new Set(said.flatMap(({ rules }) => rules))],
  };
}
