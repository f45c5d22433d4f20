import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Loss, LossKind, Observation, ReportedWindow } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import { millisecondsOf, nanoseconds } from "./exemplars.ts";
import { identityAt, readIdentities } from "./identities.ts";
import type { Identities } from "./identities.ts";
import { LOSS_LEVEL } from "./losses.ts";
import { LOSSES, REQUESTS, SPAN_OWN, WINDOWS, bucketName, namesBucket } from "./layout.ts";
import type { Levels } from "./levels.ts";
import { original } from "./line.ts";
import type { Names } from "./names.ts";
import { unpack } from "./packed.ts";
import { timeIn } from "./line.ts";
import { keyOf } from "./rows.ts";

/** Windows are read a minute at a time, so that an hour of them is never held at once. */
const AT_ONCE_MS = 60_000;

export interface WindowSource {
  readonly client: InfluxClient;
  readonly levels: Levels;
  readonly names: Names;
  readonly prefix: string;
}

/** A window, and the number that breaks ties of its start. */
interface Numbered {
  readonly window: ReportedWindow;
  readonly time: string;
}

/** The windows that overlap a range, in order of their start, as they were appended. */
export async function* readWindows(source: WindowSource, range: TimeRange): AsyncGenerator<ReportedWindow> {
  const { client, levels, prefix } = source;
  const bucket = bucketName(prefix, levels.at(0));
  const fromMs = Math.max(range.fromMs, levels.expiredBeforeMs(0));
  if (fromMs >= range.toMs) return;
  const identities = await readIdentities(client, namesBucket(prefix));
  const long = await read(source, { identities, time: `time > ${fromMs}ms AND span = '${SPAN_OWN}'` });
  const waiting = long.filter(({ window }) => overlaps(window, fromMs, range.toMs)).sort(inOrder);
  const startsFromMs = fromMs - levels.plainUpToMs;
  for (const minute of await minutesWithWindows(client, bucket, { fromMs: startsFromMs, toMs: range.toMs })) {
    const plain = await read(source, { identities, time: `${timeIn(minute)} AND span = ''` });
    const wanted = plain.filter(({ window }) => overlaps(window, fromMs, range.toMs)).sort(inOrder);
    for (const each of wanted) {
      while (waiting[0] && inOrder(waiting[0], each) < 0) yield waiting.shift()!.window;
      yield each.window;
    }
  }
  for (const { window } of waiting) yield window;
}

function overlaps({ startMs, durationMs }: ReportedWindow, fromMs: number, toMs: number): boolean {
  return startMs < toMs && startMs + durationMs > fromMs;
}

function inOrder(a: Numbered, b: Numbered): number {
  return a.window.startMs - b.window.startMs || (a.time < b.time ? -1 : 1);
}

async function minutesWithWindows(client: InfluxClient, bucket: string, range: TimeRange): Promise<TimeRange[]> {
  const minutes: TimeRange[] = [];
  const where = `${timeIn(range)} AND span = ''`;
  const query = `SELECT count("duration_ms") FROM ${WINDOWS} WHERE ${where} GROUP BY time(${AT_ONCE_MS}ms) fill(none)`;
  for await (const { values } of client.select(bucket, query)) {
    for (const [at] of values) {
      const startMs = Number(at);
      const fromMs = Math.max(startMs, range.fromMs);
      minutes.push({ fromMs, toMs: Math.min(startMs + AT_ONCE_MS, range.toMs) });
    }
  }
  return minutes.sort((a, b) => a.fromMs - b.fromMs);
}

/** The windows of some condition on time, in no order. */
async function read(
  { client, levels, names, prefix }: WindowSource,
  { identities, time }: { readonly identities: Identities; readonly time: string },
): Promise<Numbered[]> {
  const bucket = bucketName(prefix, levels.at(0));
  const open = new Map<string, OpenWindow>();
  const windows = `SELECT duration_ms, instance FROM ${WINDOWS} WHERE ${time} GROUP BY *`;
  for await (const { tags, values } of client.select(bucket, windows, "text")) {
    for (const value of values) open.set(idOf(tags, value), new OpenWindow(tags, value));
  }
  if (open.size === 0) return [];
  const fields = ["count", "request_bytes", "response_bytes", "active", "position", "buckets"];
  const rows = `SELECT ${fields.map((field) => `"${field}"`).join(", ")} FROM ${REQUESTS} WHERE ${time} GROUP BY *`;
  for await (const { tags, values } of client.select(bucket, rows, "text")) {
    const key = keyOf(tags);
    const moved = { ...key, route: names.routeOf(key) };
    for (const value of values) open.get(idOf(tags, value))?.take(moved, value);
  }
  const lossBucket = bucketName(prefix, levels.at(LOSS_LEVEL));
  // A loss lies at its window's start, whatever the window's own time.
  const losses = `SELECT "count" FROM ${LOSSES} WHERE ${lossTime([...open.values()])} GROUP BY *`;
  const byStart = new Map([...open.values()].map((window) => [window.lossId, window]));
  for await (const { tags, values } of client.select(lossBucket, losses, "text")) {
    for (const value of values) {
      const loss = { kind: tags!["kind"] as LossKind, count: Number(value[1]) };
      byStart.get(`${tags!["replica"]} ${nanoseconds(String(value[0]))}`)?.lost(loss);
    }
  }
  return [...open.values()].map((window) => window.close(identities));
}

function lossTime(windows: readonly OpenWindow[]): string {
  const starts = windows.map(({ startMs }) => startMs);
  const fromMs = starts.reduce((a, b) => Math.min(a, b), Infinity);
  return timeIn({ fromMs, toMs: starts.reduce((a, b) => Math.max(a, b), 0) + 1 });
}

/** What a window and its counters have in common: who wrote them, and their time with the window's number in it. */
function idOf(tags: Series["tags"], [time]: Series["values"][number]): string {
  return `${tags?.["replica"]} ${String(time)}`;
}

/** A window whose rows are still coming. */
class OpenWindow {
  readonly startMs: number;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #durationMs: number;
  readonly #instance: string;
  readonly #time: string;
  readonly #observations: { readonly position: number; readonly observation: Observation }[] = [];
  readonly #losses: Loss[] = [];

  constructor(tags: Series["tags"] = {}, [time, durationMs, instance]: Series["values"][number]) {
    this.#tags = tags;
    this.#time = nanoseconds(String(time));
    this.#durationMs = Number(durationMs);
    this.#instance = original(String(instance));
    this.startMs = millisecondsOf(String(time)) - (tags["span"] === SPAN_OWN ? this.#durationMs : 0);
  }

  get lossId(): string {
    return `${this.#tags["replica"]} ${this.startMs}${this.#time.slice(-6)}`;
  }

  take(key: ReturnType<typeof keyOf>, value: Series["values"][number]): void {
    const [, count, requestBytes, responseBytes, active, position, buckets] = value;
    const observation = {
      ...key,
      count: Number(count),
      buckets: unpack(String(buckets ?? "")),
      requestBytes: Number(requestBytes),
      responseBytes: Number(responseBytes),
      active: Number(active),
    };
    this.#observations.push({ position: Number(position), observation });
  }

  lost(loss: Loss): void {
    this.#losses.push(loss);
  }

  close(identities: Identities): Numbered {
    const inOrder = this.#observations.sort((a, b) => a.position - b.position).map(({ observation }) => observation);
    const named = new Set(inOrder.flatMap(({ client, server }) => [client, server]));
    const window = {
      reporter: original(this.#tags["reporter"] ?? ""),
      instance: this.#instance,
      startMs: this.startMs,
      durationMs: this.#durationMs,
      nodes: [...named].flatMap((id) => identityAt(identities, id, this.startMs) ?? []),
      // Counters whose routes have become the same are one by now.
      observations: mergeObservations(inOrder),
      losses: this.#losses,
      pods: [],
      exemplars: [],
    };
    return { window, time: this.#time };
  }
}
