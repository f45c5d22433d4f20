/** Wires the engine of the history: the one that the settings name, its metrics, and its end. */
import { readFileSync } from "node:fs";
import { Counter, Gauge } from "prom-client";
import type { Registry } from "prom-client";
import type { DataFolder } from "./data-folder.ts";
import { scrapedMetrics } from "./ingest/scraped-metrics.ts";
import type { Log } from "./log.ts";
import { DuckDbStore } from "./store/duckdb/duckdb-store.ts";
import { InfluxStore } from "./store/influxdb/influx-store.ts";
import { RESOLUTIONS } from "./store/resolutions.ts";
import type { Store } from "./store/store.ts";
import type { DuckDbSettings, InfluxSettings, StoreSettings } from "./store-settings.ts";

/** While control stops, requests to an InfluxDB that does not answer are broken off after this, milliseconds. */
const BREAK_OFF_MS = 3_000;

export interface HistoryDeps {
  readonly settings: StoreSettings;
  readonly folder: DataFolder;
  readonly registry: Registry;
  readonly log: Log;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What an embedded history takes on disk. */
export interface DiskStatus {
  readonly bytes: number;
  readonly maxBytes: number;
  /** Tables that went before their time since control started, since there was no room for them. */
  readonly cappedTables: number;
}

export interface History {
  readonly store: Store;
  readonly engine: StoreSettings["engine"];
  /** What it takes of this machine's disk, as of the last look at it; undefined before that, and of a server. */
  disk(): DiskStatus | undefined;
  /** To be called when stopping begins: from then on nothing waits long for a server. */
  hurry(): void;
}

/** Opens the history. One in InfluxDB opens while its server is down. Throws a StoreOpenError. */
export async function openHistory({ settings, folder, registry, log, now }: HistoryDeps): Promise<History> {
  const info = new Gauge({
    name: "sidelight_store_info",
    help: "The engine of the history; always 1.",
    labelNames: ["engine"],
    registers: [registry],
  });
  info.set({ engine: settings.engine }, 1);
  if (settings.engine === "duckdb") return openEmbedded(settings, { folder, registry, log });
  const dropped = new Counter({
    name: "sidelight_store_dropped_points_total",
    help: "Points that the engine does not take and that were given up: too old for it, or refused as malformed.",
    labelNames: ["reason"],
    registers: [registry],
  });
  for (const reason of ["retention", "refused"]) dropped.inc({ reason }, 0);
  const store = InfluxStore.open({
    ...{ url: settings.url, org: settings.org, token: () => tokenOf(settings) },
    ...{ prefix: settings.bucket, journal: folder.influxJournal, kept: settings.kept, now },
    warn: (error) => log.warn({ err: error }, error.message),
    onDropped(reason, points, error) {
      dropped.inc({ reason }, points);
      log.warn({ err: error, reason, points }, "InfluxDB does not take some points; they are given up");
    },
  });
  const hurry = (): void => void setTimeout(() => store.breakOff(), BREAK_OFF_MS).unref();
  return { store, engine: settings.engine, disk: () => undefined, hurry };
}

async function openEmbedded(
  settings: DuckDbSettings,
  { folder, registry, log }: Pick<HistoryDeps, "folder" | "registry" | "log">,
): Promise<History> {
  const { maxBytes } = settings;
  const registers = [registry];
  let disk: DiskStatus | undefined;
  const capped = new Counter({
    name: "sidelight_store_capped_tables_total",
    help: "Tables of the history that went before their time, to keep it below its size, by what they held.",
    labelNames: ["resolution"],
    registers,
  });
  for (const { name } of RESOLUTIONS) capped.inc({ resolution: name }, 0);
  new Gauge({ name: "sidelight_store_disk_max_bytes", help: "What the history may take on disk.", registers }).set(
    maxBytes,
  );
  scrapedMetrics(registry).gauge(
    "sidelight_store_disk_bytes",
    "What the history takes on disk, as of the last time that it expired.",
    () => disk?.bytes ?? 0,
  );
  const store = await DuckDbStore.open({
    ...{ path: folder.store, memoryLimitMb: settings.memoryMb, kept: settings.kept, maxBytes },
    onDisk(report) {
      const tables = report.capped.reduce((sum, one) => sum + one.tables, 0);
      disk = { bytes: report.bytes, maxBytes, cappedTables: (disk?.cappedTables ?? 0) + tables };
      for (const { what, tables } of report.capped) capped.inc({ resolution: what }, tables);
      if (tables === 0) return;
      const mend = "Give it more with SIDELIGHT_HISTORY_MAX_MB, or keep less with SIDELIGHT_HISTORY";
      log.warn({ dropped: report.capped, ...disk }, `The history is full; its finest and oldest went. ${mend}`);
    },
  });
  return { store, engine: settings.engine, disk: () => disk, hurry: () => undefined };
}

/** Read again each time that it is asked for, since a secret that is mounted may be renewed. */
function tokenOf({ token }: InfluxSettings): string {
  if ("text" in token) return token.text;
  try {
    return readFileSync(token.file, "utf8").trim();
  } catch (cause) {
    throw new Error(`Reading InfluxDB's token from ${token.file}`, { cause });
  }
}
