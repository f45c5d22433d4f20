/**
 * What rules about who is there and who calls whom remember: when everything was seen, whose sidecars tell of it, and which began a
 * short while ago. As all that is judged it is what was counted, at its own time, and is filled from history.
 */
import type { Observation, ReportedWindow } from "../../identity/observation.ts";
import type { TimeRange } from "../../store/time-range.ts";
import { outcomePosition } from "../../world/outcomes.ts";
import { partsOf } from "../../world/spread.ts";
import type { CountedSeries } from "../counting/series.ts";
import { SLOT_MS, slotOf } from "../counting/slots.ts";
import { BlindTimes } from "./blind-times.ts";
import { NodesSeen } from "./nodes-seen.ts";
import type { Sightings } from "./sightings.ts";
import type { Silences, Told } from "./silence.ts";
import type { SilentGroups } from "./silent-groups.ts";
import { Starts } from "./starts.ts";
import type { Start } from "./starts.ts";
import { ToldSlots } from "./told-slots.ts";

const MINUTE_MS = 60_000;
const HOUR_MS = 3_600_000;
const ANSWERED = (["success", "clientError", "serverError"] as const).map(outcomePosition);
/** A window of so many slots, or more, does not say when in it something was counted. */
const MOST_SLOTS = 4;

/** How far back history is read in steps of ten seconds, a minute and an hour, milliseconds; 0 for not at all. */
export interface Depths {
  readonly slotsMs: number;
  readonly minutesMs: number;
  readonly hoursMs: number;
}

/** What rules together ask for. */
export interface Remembered {
  readonly sightings: readonly Sightings[];
  /** Where there are none, nobody asks who is silent. */
  readonly silentGroups: readonly SilentGroups[];
  readonly silences: Silences;
  /** Of the deepest rule. */
  readonly depths: Depths;
}

/** Requests of a step as they are remembered. */
export interface StepCounted {
  readonly series: Pick<Observation, "client" | "server">;
  /** In the order of OUTCOMES. */
  readonly outcomes: ArrayLike<number>;
  /** Whose sidecars counted them; both, where left out. */
  readonly by?: { readonly client: boolean; readonly server: boolean };
}

/** Where a step lies, and how fine it is where it is history from before what is judged. */
export interface StepTime {
  readonly atMs: number;
  readonly stepMs: number;
  readonly grainMs: number | undefined;
}

export class Surroundings {
  readonly blind = new BlindTimes();
  readonly nodes = new NodesSeen();
  readonly starts = new Starts();
  readonly #sightings: readonly Sightings[];
  readonly #silentGroups: readonly SilentGroups[];
  readonly #silences: Silences;
  readonly #held = new ToldSlots();
  readonly #depths: Depths;
  #beginMs = -Infinity;
  #endMs = -Infinity;
  #pausesSinceMs = Infinity;
  #isFilled = false;

  constructor({ sightings, silentGroups, silences, depths }: Remembered) {
    this.#sightings = sightings;
    this.#silentGroups = silentGroups;
    this.#silences = silences;
    this.#depths = depths;
  }

  /** What found no room: groups, nodes, edges, workloads, starts. */
  get skipped(): number {
    const groups = [...this.#sightings, ...this.#silentGroups].reduce((sum, { skipped }) => sum + skipped, 0);
    return groups + this.nodes.skipped + this.#silences.skipped + this.#held.skipped + this.starts.skipped;
  }

  /** Since when it is known how long something pauses, milliseconds since the epoch. */
  get pausesSinceMs(): number {
    return this.#pausesSinceMs;
  }

  *depths(): Generator<readonly [number, number]> {
    const { slotsMs, minutesMs, hoursMs } = this.#depths;
    if (slotsMs > 0) yield [SLOT_MS, slotsMs];
    if (minutesMs > 0) yield [MINUTE_MS, minutesMs];
    if (hoursMs > 0) yield [HOUR_MS, hoursMs];
  }

  /** The end of what is judged, milliseconds since the epoch. */
  get endMs(): number {
    return this.#endMs;
  }

  begin(endMs: number): void {
    this.#beginMs = endMs;
    this.#endMs = endMs;
  }

  renamed(): void {
    for (const groups of [...this.#sightings, ...this.#silentGroups]) groups.renamed();
  }

  /** Counts what is shown. @param count below 0 where less is shown than before */
  counted(series: CountedSeries, step: StepTime, count: number): void {
    if (count === 0 || this.#sightings.length === 0) return;
    if (this.#arePauses(step)) this.#addPause(series, step, count);
    const time = step.grainMs === MINUTE_MS ? undefined : this.#before(step, this.#depths.slotsMs);
    if (!time) return;
    if (count > 0) {
      this.nodes.add(series.counted.client.id, time.fromMs, time.toMs);
      this.nodes.add(series.counted.server.id, time.fromMs, time.toMs);
    }
    for (const sightings of this.#sightings) sightings.add(series, time, count);
  }

  /** Who told of a step. */
  step(counts: Iterable<StepCounted>, step: StepTime): void {
    const { atMs, stepMs, grainMs } = step;
    if (grainMs === this.#finestBlind()) this.blind.read(atMs, atMs + stepMs);
    if (this.#silentGroups.length === 0) return;
    const { slotsMs, minutesMs } = this.#depths;
    const at = this.#before(step, grainMs === HOUR_MS ? Math.max(minutesMs, slotsMs) : slotsMs);
    if (!at) return;
    const slots = grainMs === undefined ? slotOf(at.toMs) - slotOf(at.fromMs) : 1;
    for (const { series, outcomes, by = { client: true, server: true } } of counts) {
      // An hour does not say when in it somebody was asked.
      const answered = grainMs === HOUR_MS ? 0 : ANSWERED.reduce((sum, position) => sum + outcomes[position]!, 0);
      const { client, server } = series;
      const told = { client, server, byClient: by.client, byServer: by.server, answered: answered / slots };
      if (grainMs === undefined) this.#hold(told, slotOf(at.fromMs), slotOf(at.toMs));
      else this.#silences.told(told, at);
    }
  }

  /** Who told of a window, and whether its sidecar began with it. */
  window(window: ReportedWindow, sinceMs: number): void {
    const { reporter, startMs, durationMs, observations, pods, isFirst } = window;
    if (isFirst) this.starts.add({ workload: reporter, pod: podOf(pods), atMs: slotOf(startMs) * SLOT_MS });
    if (this.#silentGroups.length === 0 || startMs + durationMs <= sinceMs) return;
    const parts = partsOf(startMs, durationMs, { slotMs: SLOT_MS, last: MOST_SLOTS });
    const isLong = parts.length === MOST_SLOTS;
    const end = parts.at(-1)!.slot + 1;
    const from = isLong ? end - 1 : parts[0]!.slot;
    for (const { client, server, side, outcome, count } of observations) {
      if (side === "wire") continue;
      const byServer = side === "destination";
      const answered = isLong || outcome === "notReached" || outcome === "noAnswer" ? 0 : count / (end - from);
      this.#hold({ client, server, byClient: !byServer, byServer, answered }, from, end);
    }
  }

  tick(endMs: number, isBlind: boolean): void {
    if (!this.#isFilled) this.#filled();
    this.#endMs = endMs;
    if (isBlind) this.blind.add(endMs - SLOT_MS, endMs);
    for (const [slot, told] of this.#held.take(slotOf(endMs))) {
      this.#silences.told(told, { fromMs: slot * SLOT_MS, toMs: (slot + 1) * SLOT_MS });
    }
    this.starts.advance(endMs);
    this.#silences.sweep(endMs);
  }

  restore(starts: Iterable<Start>): void {
    for (const start of starts) this.starts.add(start);
  }

  /** @param told of each of the slots from one to before another */
  #hold(told: Told, from: number, to: number): void {
    for (let slot = from; slot < to; slot++) this.#held.add(slot, told);
  }

  /** History was read to its end. */
  #filled(): void {
    this.#isFilled = true;
    this.blind.read(this.#beginMs, this.#beginMs);
  }

  #addPause(series: CountedSeries, { atMs, stepMs }: StepTime, count: number): void {
    if (count < 0) return;
    const known = (fromMs: number, toMs: number): number => this.blind.known(fromMs, toMs);
    for (const sightings of this.#sightings)
      sightings.pausesOf(series)?.seen({ fromMs: atMs, toMs: atMs + stepMs }, known);
  }

  /** Whether pauses follow from a step: from all that comes, and of history from its minutes. */
  #arePauses({ atMs, grainMs }: StepTime): boolean {
    if (grainMs !== undefined && grainMs !== MINUTE_MS) return false;
    this.#pausesSinceMs = Math.min(this.#pausesSinceMs, atMs);
    return true;
  }

  /** The finest steps of history that reach back as far as pauses do. */
  #finestBlind(): number {
    return this.#depths.minutesMs > 0 ? MINUTE_MS : SLOT_MS;
  }

  /**
   * When a step was, as far as finer ones do not say it better; undefined where they say all of it.
   * @param reachMs how far back finer ones reach
   */
  #before({ atMs, stepMs, grainMs }: StepTime, reachMs: number): TimeRange | undefined {
    const toMs = atMs + stepMs;
    if (grainMs === undefined || grainMs === SLOT_MS) return { fromMs: atMs, toMs };
    const finerMs = this.#beginMs - reachMs;
    return atMs >= finerMs ? undefined : { fromMs: atMs, toMs: Math.min(toMs, finerMs) };
  }
}

/** The pod of who reports: it is at one end of all that it tells. */
function podOf(pods: ReportedWindow["pods"]): string {
  const [first] = pods;
  if (!first) return "";
  return first.side === "source" ? first.client.pod : first.server.pod;
}
