import type { Exemplar } from "../../identity/observation.ts";
import type { Selection, TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import { EXEMPLARS } from "./layout.ts";
import { TELLING, TELLING_STRETCH_MS } from "./limits.ts";
import { original, quoted } from "./line.ts";
import type { Names } from "./names.ts";
import { timeIn } from "./line.ts";
import { isSelected } from "./selecting.ts";
import { Shown } from "../shown.ts";

/** Requests of one kind that are held while the best are looked for. */
const HELD = 20_000;

const FIELDS = ["method", "route", "status", "path", "duration_ms", "flags", "request_id", "trace_id"] as const;

/** A bucket with requests by name, and which of them count. */
export interface ExemplarPlace {
  readonly bucket: string;
  readonly range: TimeRange;
}

export interface ExemplarQuestion {
  readonly selection: Selection;
  readonly limit: number;
}

/**
 * Failed requests, the newest first, then slow ones, the slowest first; where there are more than the limit, half of
 * either kind. By the reporter rule, so that no request of two reporters is there twice; nor is one that is both the
 * slowest and the first that failed.
 */
export async function readExemplars(
  { client, names }: { readonly client: InfluxClient; readonly names: Names },
  places: readonly ExemplarPlace[],
  { selection, limit }: ExemplarQuestion,
): Promise<Exemplar[]> {
  const wanted = places.filter(({ range }) => range.fromMs < range.toMs);
  const shown = new Shown();
  for (const { bucket, range } of wanted) {
    const query = `SELECT count(status) FROM ${EXEMPLARS} WHERE ${timeIn(range)} GROUP BY side, client, server`;
    for await (const { tags = {} } of client.select(bucket, query)) shown.note(reporterOf(tags));
  }
  const best = new Best();
  for (const { bucket, range } of wanted) {
    for await (const found of exemplarsIn(client, bucket, range)) {
      const exemplar = { ...found, route: names.routeOf(found) };
      if (isSelected(selection, exemplar) && shown.has(exemplar)) best.add(exemplar);
    }
  }
  return best.take(limit);
}

/** Requests by name of a bucket, by series and not in order of time. */
export async function* exemplarsIn(
  client: InfluxClient,
  bucket: string,
  range: TimeRange,
  replica?: string,
): AsyncGenerator<Exemplar & { readonly time: string }> {
  const columns = FIELDS.map((field) => `"${field}"`).join(", ");
  const own = replica === undefined ? "" : ` AND replica = ${quoted(replica)}`;
  const query = `SELECT ${columns} FROM ${EXEMPLARS} WHERE ${timeIn(range)}${own} GROUP BY *`;
  for await (const { tags = {}, values } of client.select(bucket, query, "text")) {
    for (const value of values) yield { ...exemplarOf(tags, value), time: nanoseconds(String(value[0])) };
  }
}

function exemplarOf(tags: NonNullable<Series["tags"]>, value: Series["values"][number]): Exemplar {
  const [time, method, route, status, path, durationMs, flags, requestId, traceId] = value;
  const text = (field: string | number | null | undefined): string => original(String(field ?? ""));
  return {
    reason: tags["reason"] as Exemplar["reason"],
    atMs: millisecondsOf(String(time)),
    ...reporterOf(tags),
    protocol: tags["protocol"] as Exemplar["protocol"],
    outcome: tags["outcome"] as Exemplar["outcome"],
    method: text(method),
    route: text(route),
    status: Number(status),
    path: text(path),
    durationMs: Number(durationMs),
    flags: Number(flags),
    requestId: text(requestId),
    traceId: text(traceId),
  };
}

function reporterOf(tags: NonNullable<Series["tags"]>): Pick<Exemplar, "side" | "client" | "server"> {
  const text = (name: string): string => original(tags[name] ?? "");
  return { side: text("side") as Exemplar["side"], client: text("client"), server: text("server") };
}

/** "2023-11-14T22:13:20.5Z" as milliseconds, whatever number of digits is there. */
export function millisecondsOf(time: string): number {
  return Date.parse(`${time.slice(0, 19)}Z`) + Number(digitsOf(time).slice(0, 3));
}

/** The same as a timestamp of the line protocol. */
export function nanoseconds(time: string): string {
  return `${Date.parse(`${time.slice(0, 19)}Z`) / 1_000}${digitsOf(time)}`;
}

function digitsOf(time: string): string {
  return time.slice(20, -1).padEnd(9, "0");
}

/** Of those of each kind that are held the best, without those that are there twice. */
class Best {
  readonly #kinds = new Map<Exemplar["reason"], Exemplar[]>();

  add(exemplar: Exemplar): void {
    const held = this.#kinds.get(exemplar.reason) ?? [];
    this.#kinds.set(exemplar.reason, held);
    held.push(exemplar);
    if (held.length >= 2 * HELD) held.sort(byWorth).splice(HELD);
  }

  take(limit: number): Exemplar[] {
    const seen = new Set<string>();
    const ranked = [...this.#kinds.keys()].sort().flatMap((reason) => {
      const held = this.#kinds.get(reason)!.filter((exemplar) => {
        const text = requestText(exemplar);
        return seen.has(text) ? false : seen.add(text);
      });
      return held.sort(byWorth).map((exemplar, rank) => ({ exemplar, rank }));
    });
    const best = [...ranked].sort((a, b) => a.rank - b.rank).slice(0, limit);
    // The order of `ranked`: by kind, then by worth.
    const chosen = new Set(best);
    return ranked.filter((each) => chosen.has(each)).map(({ exemplar }) => withoutTime(exemplar));
  }
}

function withoutTime(exemplar: Exemplar & { readonly time?: string }): Exemplar {
  const { time, ...rest } = exemplar;
  return time === undefined ? exemplar : rest;
}

function byWorth(a: Exemplar, b: Exemplar): number {
  const first = a.reason === "slowest" ? b.durationMs - a.durationMs : 0;
  return first || b.atMs - a.atMs || compare(a.path, b.path) || compare(a.requestId, b.requestId);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function requestText(exemplar: Exemplar): string {
  const { side, client, server, protocol, method, route, atMs, path, durationMs, requestId } = exemplar;
  return JSON.stringify([side, client, server, protocol, method, route, atMs, path, durationMs, requestId]);
}

/** The most telling requests of an hour: of each endpoint, in each stretch, the slowest and the first that failed. */
export function mostTelling<T extends Exemplar>(exemplars: readonly T[]): T[] {
  const ranked = [...exemplars].sort((a, b) => worth(a) - worth(b));
  const taken = new Map<string, number>();
  const kept = ranked.filter((exemplar) => {
    const { reason, side, client, server, protocol, method, route } = exemplar;
    const stretch = Math.floor(exemplar.atMs / TELLING_STRETCH_MS);
    const id = JSON.stringify([reason, side, client, server, protocol, method, route, stretch]);
    const count = (taken.get(id) ?? 0) + 1;
    taken.set(id, count);
    return count <= (reason === "slowest" ? TELLING.slowest : TELLING.failed);
  });
  const failedFirst = (a: T, b: T): number => compare(a.reason, b.reason) || worth(a) - worth(b);
  return kept.sort(failedFirst).slice(0, TELLING.perHour);
}

function worth({ reason, durationMs, atMs }: Exemplar): number {
  return reason === "slowest" ? -durationMs : atMs;
}
