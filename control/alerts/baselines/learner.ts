/** What is usual for each group of a column: learned from its finished hours, as history tells them. */
import { bucketsTotal, mergeBuckets, quantile } from "../../world/histogram.ts";
import type { Buckets } from "../../world/histogram.ts";
import type { Column } from "../counting/column.ts";
import { BAD, REQUESTS } from "../counting/measures.ts";
import type { CountedSeries } from "../counting/series.ts";
import type { BaselineRule } from "../rule.ts";
import { HourTable } from "./hour-table.ts";
import type { Room } from "./hour-table.ts";
import { HOUR_MS } from "./hours.ts";
import { LOOK_BACK_HOURS, usualAt } from "./usual.ts";
import type { Usual } from "./usual.ts";

export type LearnedIndicator = BaselineRule["indicator"];

/** An hour with fewer requests than these teaches no latency and no share. */
export const LEAST_REQUESTS = 20;
/** The quantile of latency that is learned. */
export const LEARNED_QUANTILE = 0.95;
/** Hours of which it is remembered what was usual: the one that is judged, and those that late counters are of. */
const REMEMBERED = 3;

/** Groups that are asked just now, and of how many of them it is known what is usual. */
export interface Learning {
  readonly asked: number;
  readonly known: number;
}

/** What was counted of a group in an hour. */
interface Hour {
  requests: number;
  bad: number;
  buckets: Buckets;
}

/** What a table keeps of an hour, as a number of which whole ones are fine enough, and how much of the unit one of it is. */
interface Form {
  /** NaN where the hour teaches nothing. */
  readonly of: (hour: Hour) => number;
  readonly unit: number;
}

const FORMS: Readonly<Record<LearnedIndicator, Form>> = {
  /** Microseconds, told in milliseconds. */
  latency: {
    of: ({ buckets }) => (bucketsTotal(buckets) < LEAST_REQUESTS ? NaN : (quantile(buckets, LEARNED_QUANTILE) ?? NaN)),
    unit: 1 / 1_000,
  },
  /** Millionths of a share. */
  errors: {
    of: ({ requests, bad }) => (requests < LEAST_REQUESTS ? NaN : Math.round((bad / requests) * 1_000_000)),
    unit: 1 / 1_000_000,
  },
  /** Requests of the hour, told by the second. */
  throughput: { of: ({ requests }) => requests, unit: 1_000 / HOUR_MS },
};

export class Learner {
  readonly column: Column;
  readonly #indicator: LearnedIndicator;
  readonly #table: HourTable;
  /** The hour that is being read, by group. */
  readonly #reading = new Map<number, Hour>();
  /** By hour and group; null where it is not known. */
  readonly #usual = new Map<number, (Usual | null | undefined)[]>();

  constructor(column: Column, indicator: LearnedIndicator, room: Room) {
    this.column = column;
    this.#indicator = indicator;
    this.#table = new HourTable(room);
  }

  /** @param row what was counted of a series in an hour, as `Measures` has it */
  read(series: CountedSeries, row: ArrayLike<number>, buckets: Buckets): void {
    const group = this.column.groupOf(series);
    if (group < 0) return;
    let hour = this.#reading.get(group);
    if (!hour) this.#reading.set(group, (hour = { requests: 0, bad: 0, buckets: [] }));
    hour.requests += row[REQUESTS]!;
    hour.bad += row[BAD]!;
    if (this.#indicator === "latency") hour.buckets = mergeBuckets(hour.buckets, buckets);
  }

  /** All of an hour was read. */
  learn(hour: number): void {
    this.#table.begin(hour);
    for (const [group, counted] of this.#reading) {
      const value = FORMS[this.#indicator].of(counted);
      if (!Number.isNaN(value)) this.#table.set(group, hour, value);
    }
    this.#reading.clear();
    this.#usual.clear();
  }

  /** What is usual for a group at an hour, from hours before it alone: shares 0 to 1, milliseconds, or requests a second. */
  usual(group: number, hour: number): Usual | undefined {
    let usual = this.#usual.get(hour);
    if (!usual) {
      const [oldest] = this.#usual.keys();
      if (oldest !== undefined && this.#usual.size >= REMEMBERED) this.#usual.delete(oldest);
      this.#usual.set(hour, (usual = []));
    }
    const known = usual[group];
    if (known !== undefined) return known ?? undefined;
    const found = this.#workOut(group, hour);
    usual[group] = found ?? null;
    return found;
  }

  #workOut(group: number, hour: number): Usual | undefined {
    const at = this.#indicator === "throughput" ? this.#rates(group, hour) : this.#kept(group);
    const found = usualAt(hour, at);
    if (!found) return undefined;
    const { unit } = FORMS[this.#indicator];
    return { ...found, value: found.value * unit, spread: found.spread * unit };
  }

  #kept(group: number): (hour: number) => number {
    return (hour) => this.#table.at(group, hour);
  }

  /** From when a group was first asked on, an hour of which something is known and nothing of the group had no requests. */
  #rates(group: number, before: number): (hour: number) => number {
    let first = before - LOOK_BACK_HOURS;
    while (first < before && Number.isNaN(this.#table.at(group, first))) first++;
    return (hour) => {
      const isSilent = hour > first && this.#table.knows(hour) && Number.isNaN(this.#table.at(group, hour));
      return isSilent ? 0 : this.#table.at(group, hour);
    };
  }
}
