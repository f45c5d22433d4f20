/**
 * Fills a history in InfluxDB as Sidelight writes it: merged slots as the lines that its roll-ups write
 * (store/influxdb/roll-up.ts), and the last hour through the store itself.
 */
import { BucketsAPI, OrgsAPI } from "@influxdata/influxdb-client-apis";
import { InfluxDB } from "@influxdata/influxdb-client";
import { LEVELS } from "../../control/store/duckdb/schema.ts";
import { InfluxClient } from "../../control/store/influxdb/client.ts";
import { InfluxStore } from "../../control/store/influxdb/influx-store.ts";
import { bucketName, namesBucket, resolutionsOf, timestamp } from "../../control/store/influxdb/layout.ts";
import { Points, nodePoint, requestFields } from "../../control/store/influxdb/points.ts";
import { DEFAULT_KEPT } from "../../control/store/resolutions.ts";
import { END_MS, WINDOWS_FROM_MS, keptFromMs } from "./history.ts";
import type { Slot } from "./history.ts";
import type { Counter } from "./mesh.ts";
import { identityOf, windowsOf } from "./windows.ts";

const PREFIX = "sidelight";
const LINES_AT_ONCE = 5_000;
const SECONDS_AN_APPEND = 10;
const HOUR_S = 3_600;
const DAY_MS = 24 * HOUR_S * 1_000;
/**
 * The history's time is not the server's, so nothing may expire. Its shards are those that InfluxDB chooses for what
 * Sidelight keeps: an hour below two days, a day below half a year, a week above.
 */
const SHARD_SECONDS: Readonly<Record<string, number>> = { "1s": HOUR_S, "10s": HOUR_S, "1m": 24 * HOUR_S };
const LONG_SHARD_SECONDS = 7 * 24 * HOUR_S;

const NO_CONNECTIONS = { requestBytes: 0, responseBytes: 0, active: 0 };

/** Where an InfluxDB is and who may use it. */
export interface InfluxPlace {
  readonly url: string;
  readonly org: string;
  readonly token: string;
  /** The store's journal. */
  readonly journal: string;
}

/** The history in an InfluxDB, at the time of the history. */
export function openInflux({ url, org, token, journal }: InfluxPlace): InfluxStore {
  const refuse = (_reason: string, points: number, error: Error): never => {
    throw new Error(`InfluxDB did not take ${points} points`, { cause: error });
  };
  return InfluxStore.open({
    ...{ url, org, token: () => token, prefix: PREFIX, journal, retention: false },
    now: () => END_MS,
    warn: (error) => process.stderr.write(`${error.message}\n`),
    onDropped: refuse,
  });
}

export class IntoInflux {
  readonly #mesh: readonly Counter[];
  readonly #client: InfluxClient;
  readonly #store: InfluxStore;
  /** What stands before the fields of a counter's lines. */
  readonly #heads: readonly string[];
  readonly #lines = new Map<string, string[]>();
  #seconds: Slot[] = [];
  #cursor = 0;

  private constructor(place: InfluxPlace, mesh: readonly Counter[]) {
    this.#mesh = mesh;
    this.#heads = mesh.map(({ key }) => headOf(key));
    this.#store = openInflux(place);
    const { url, org, token } = place;
    this.#client = new InfluxClient({ url, org, token: () => token }, (reason) => {
      throw new Error(`InfluxDB refused points: ${reason}`);
    });
  }

  static async begin(place: InfluxPlace, mesh: readonly Counter[]): Promise<IntoInflux> {
    const influx = new InfluxDB({ url: place.url, token: place.token });
    const { orgs = [] } = await new OrgsAPI(influx).getOrgs({ org: place.org });
    const names = resolutionsOf(DEFAULT_KEPT).map((resolution) => bucketName(PREFIX, resolution));
    for (const name of [...names, namesBucket(PREFIX)]) {
      const shardGroupDurationSeconds = SHARD_SECONDS[name.slice(PREFIX.length + 1)] ?? LONG_SHARD_SECONDS;
      const retentionRules = [{ type: "expire" as const, everySeconds: 0, shardGroupDurationSeconds }];
      await new BucketsAPI(influx).postBuckets({ body: { orgID: orgs[0]?.id ?? "", name, retentionRules } });
    }
    const into = new IntoInflux(place, mesh);
    await into.#identities();
    return into;
  }

  /** Control writes an identity again each day that it is seen. */
  async #identities(): Promise<void> {
    const ids = new Set(this.#mesh.flatMap(({ key }) => [key.client, key.server]));
    for (let atMs = keptFromMs(LEVELS.length - 1); atMs < WINDOWS_FROM_MS; atMs += DAY_MS) {
      const lines = [...ids].map((id) => nodePoint(identityOf(id), atMs));
      await this.#client.write(namesBucket(PREFIX), lines);
    }
  }

  async add(slot: Slot): Promise<void> {
    if (slot.level === 0) return this.#append(slot);
    if (slot.startMs >= WINDOWS_FROM_MS) return;
    const bucket = bucketName(PREFIX, resolutionsOf(DEFAULT_KEPT)[slot.level]!);
    const lines = this.#lines.get(bucket) ?? [];
    this.#lines.set(bucket, lines);
    for (const { counter, ...counted } of slot.counted) {
      const fields = requestFields({ startMs: slot.startMs }, { ...counted, ...NO_CONNECTIONS });
      lines.push(`${this.#heads[counter]} ${fields.join()} ${timestamp(slot.startMs)}`);
    }
    if (lines.length >= LINES_AT_ONCE) await this.#send(bucket);
  }

  async end(): Promise<void> {
    await this.#appendSeconds();
    await this.#store.close();
    this.#client.close();
  }

  async #send(bucket: string): Promise<void> {
    await this.#client.write(bucket, this.#lines.get(bucket) ?? []);
    this.#lines.delete(bucket);
  }

  async #append(slot: Slot): Promise<void> {
    for (const bucket of [...this.#lines.keys()]) await this.#send(bucket);
    this.#seconds.push(slot);
    if (this.#seconds.length === SECONDS_AN_APPEND) await this.#appendSeconds();
  }

  async #appendSeconds(): Promise<void> {
    const windows = this.#seconds.flatMap((slot) => windowsOf(slot, this.#mesh));
    this.#seconds = [];
    await this.#store.append(windows, ++this.#cursor);
  }
}

/** Measurement and tags of a counter's lines, as roll-ups write them; tags have no blank that is not escaped. */
function headOf(key: Counter["key"]): string {
  const line = new Points("merged").requests(key, { startMs: 0 }, { count: 0, buckets: [], ...NO_CONNECTIONS });
  return line.slice(0, line.indexOf(" count="));
}
