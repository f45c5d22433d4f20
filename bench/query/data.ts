/** The data set, in all three engines, in the cache: made once for its parameters, and then only asked. */
import { mkdir, readFile, readdir, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { FORMAT_VERSION } from "../../control/store/duckdb/schema.ts";
import { cached } from "../../provision/cache.ts";
import { startInfluxDb } from "../../tests/influxdb.ts";
import type { RunningInfluxDb } from "../../tests/influxdb.ts";
import { historyOf } from "./history.ts";
import { IntoDuckDb } from "./into-duckdb.ts";
import { IntoInflux } from "./into-influx.ts";
import { meshOf } from "./mesh.ts";
import type { Counter } from "./mesh.ts";
import { IntoVictoria, Victoria } from "./victoria.ts";

/** To be raised when the same parameters make other data. */
const DATA_VERSION = 2;
const SEED = 5;
/** What so many counters come to in a year. */
const COUNTERS = 5_000;
export const DEFAULT_ROWS = 10_000_000;
const SAID_EVERY_MS = 10_000;
/** InfluxDB compacts what nobody wrote to for so long; by itself it waits for hours. */
const COMPACT_AT_ONCE = [
  ...["--storage-cache-snapshot-write-cold-duration", "1s"],
  ...["--storage-compact-full-write-cold-duration", "1s"],
];
/** It has done so when its files have not changed in size for so long; it is not waited for without end. */
const STEADY_MS = 20_000;
const STEADY_LIMIT_MS = 240_000;

const ROWS_FILE = "rows.txt";

type InfluxServer = Pick<RunningInfluxDb, "url" | "org" | "token">;

/** The programs that the data are loaded into. */
export interface Programs {
  readonly influxd: string;
  readonly victoria: string;
}

/** Where each engine has its data. */
export interface Places {
  readonly duckdb: string;
  readonly influx: string;
  readonly journal: string;
  readonly victoria: string;
}

export function placesIn(folder: string): Places {
  return {
    duckdb: join(folder, "duckdb", "history.duckdb"),
    influx: join(folder, "influxdb"),
    journal: join(folder, "influxdb-journal.json"),
    victoria: join(folder, "victoria"),
  };
}

/** A mesh whose year comes to about so many rows. */
export function sizedMesh(rows: number): Counter[] {
  return meshOf(Math.ceil((COUNTERS * rows) / DEFAULT_ROWS));
}

/** The folder with about so many rows in each engine. */
export async function dataOf(rows: number, programs: Programs, say: (line: string) => void): Promise<string> {
  const key = `bench-query-${rows}-${DATA_VERSION}.${FORMAT_VERSION}`;
  return await cached(key, async (folder) => {
    const places = placesIn(folder);
    for (const place of ["duckdb", "influxdb", "victoria"]) await mkdir(join(folder, place));
    const influx = await startInfluxDb(programs.influxd, places.influx);
    const victoria = await Victoria.start(programs.victoria, places.victoria);
    try {
      const stored = await load(rows, { places, influx, victoria }, say);
      await writeFile(join(folder, ROWS_FILE), String(stored));
    } finally {
      await victoria.stop();
      await influx.remove();
    }
    say("InfluxDB compacts what it has");
    await compact(programs.influxd, places.influx);
  });
}

/** How many rows there are in a folder. */
export async function rowsIn(folder: string): Promise<number> {
  return Number(await readFile(join(folder, ROWS_FILE), "utf8"));
}

/** Bytes on disk. */
export interface DiskUse {
  readonly duckdb: number;
  readonly influx: number;
  readonly victoria: number;
}

/** What each engine's files take. */
export async function diskUse(places: Places): Promise<DiskUse> {
  return {
    duckdb: await bytesIn(dirname(places.duckdb)),
    influx: await bytesIn(places.influx),
    victoria: await bytesIn(places.victoria),
  };
}

async function bytesIn(folder: string): Promise<number> {
  let bytes = 0;
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    // What is compacted away may be gone by now.
    if (entry.isFile())
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0,
      );
  }
  return bytes;
}

async function compact(influxd: string, folder: string): Promise<void> {
  const influx = await startInfluxDb(influxd, folder, COMPACT_AT_ONCE);
  try {
    const deadline = Date.now() + STEADY_LIMIT_MS;
    let [bytes, sinceMs] = [-1, Date.now()];
    while (Date.now() < deadline && Date.now() < sinceMs + STEADY_MS) {
      const now = await bytesIn(folder);
      if (now !== bytes) [bytes, sinceMs] = [now, Date.now()];
      await sleep(1_000);
    }
  } finally {
    await influx.remove();
  }
}

async function load(
  rows: number,
  { places, influx, victoria }: { places: Places; influx: InfluxServer; victoria: Victoria },
  say: (line: string) => void,
): Promise<number> {
  const mesh = sizedMesh(rows);
  const all = [
    await IntoDuckDb.begin(places.duckdb, mesh),
    await IntoInflux.begin({ ...influx, journal: places.journal }, mesh),
    new IntoVictoria(victoria, mesh),
  ];
  let [made, saidMs] = [0, Date.now()];
  for (const slot of historyOf(mesh, SEED)) {
    for (const into of all) await into.add(slot);
    made += slot.counted.length;
    if (Date.now() < saidMs + SAID_EVERY_MS) continue;
    saidMs = Date.now();
    say(`loading: ${(made / 1e6).toFixed(1)} million of some ${rows / 1e6} million rows`);
  }
  for (const into of all) await into.end();
  return made;
}
