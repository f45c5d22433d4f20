import { mergeObservations } from "../../identity/merge-observations.ts";
import type { Loss, LossKind, Observation, PodTraffic, ReportedWindow } from "../../identity/observation.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient, Series } from "./client.ts";
import { millisecondsOf, nanoseconds } from "./exemplars.ts";
import { identityAt, readIdentities } from "./identities.ts";
import type { Identities } from "./identities.ts";
import { LOSS_LEVEL } from "./losses.ts";
import { LOSSES, PODS, REQUESTS, SPAN_OWN, WINDOWS, bucketName, namesBucket } from "./layout.ts";
import type { Levels } from "./levels.ts";
import { original } from "./line.ts";
import type { Names } from "./names.ts";
import { unpack } from "./packed.ts";
import { timeIn } from "./line.ts";
import type { PodKey } from "../pod-keys.ts";
import { keyOf, podKeyOf } from "./rows.ts";

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
  await readCounters({ client, names, bucket }, time, open);
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

/** Puts what was counted into the windows that are open. */
async function readCounters(
  { client, names, bucket }: Pick<WindowSource, "client" | "names"> & { readonly bucket: string },
  time: string,
  open: ReadonlyMap<string, OpenWindow>,
): Promise<void> {
  const rows = (measurement: string): AsyncGenerator<Series> => {
    const fields = ["count", "request_bytes", "response_bytes", "active", "position", "buckets"];
    const columns = fields.map((field) => `"${field}"`).join(", ");
    return client.select(bucket, `SELECT ${columns} FROM ${measurement} WHERE ${time} GROUP BY *`, "text");
  };
  for await (const { tags, values } of rows(REQUESTS)) {
    const key = keyOf(tags);
    const moved = { ...key, route: names.routeOf(key) };
    for (const value of values) open.get(idOf(tags, value))?.take(moved, value);
  }
  for await (const { tags, values } of rows(PODS)) {
    const key = podKeyOf(tags);
    for (const value of values) open.get(idOf(tags, value))?.takePods(key, value);
  }
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

/** Something of a window, and where it stood there. */
interface Positioned<T> {
  readonly position: number;
  readonly item: T;
}

function ordered<T>(items: Positioned<T>[]): T[] {
  return items.sort((a, b) => a.position - b.position).map(({ item }) => item);
}

/** What is summed of a counter. */
function sumsIn([, count, requestBytes, responseBytes, , , buckets]: Series["values"][number]) {
  return {
    count: Number(count),
    buckets: unpack(String(buckets ?? "")),
    requestBytes: Number(requestBytes),
    responseBytes: Number(responseBytes),
  };
}

/** A window whose rows are still coming. */
class OpenWindow {
  readonly startMs: number;
  readonly #tags: Readonly<Record<string, string>>;
  readonly #durationMs: number;
  readonly #instance: string;
  readonly #time: string;
  readonly #observations: Positioned<Observation>[] = [];
  readonly #pods: Positioned<PodTraffic>[] = [];
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
    const [position, active] = [Number(value[5]), Number(value[4])];
    this.#observations.push({ position, item: { ...key, ...sumsIn(value), active } });
  }

  takePods(key: PodKey, value: Series["values"][number]): void {
    this.#pods.push({ position: Number(value[5]), item: { ...key, ...sumsIn(value) } });
  }

  lost(loss: Loss): void {
    this.#losses.push(loss);
  }

  close(identities: Identities): Numbered {
    const inOrder = ordered(this.#observations);
    const named = new Set(inOrder.flatMap(({ client, server }) => [client, server]));
    const window = {
      reporter: original(this.#tags["reporter"] ?? ""),
      instance: this.#instance,
      startMs: this.startMs,
      durationMs: this.#durationMs,
      nodes: [...named].flatMap((id) => identityAt(identities, id, this.startMs) ?? []),
      // Counters whose routes have become the same are one by now.
      observations: mergeObservations(inOrder),
      pods: ordered(this.#pods),
      losses: this.#losses,
      exemplars: [],
    };
    return { window, time: this.#time };
  }
}
