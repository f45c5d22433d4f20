/** The engines, each started on its part of the data set, asked and stopped. */
import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { DuckDbStore } from "../../control/store/duckdb/duckdb-store.ts";
import type { Store } from "../../control/store/store.ts";
import { Picture } from "../../control/world/picture.ts";
import { startInfluxDb } from "../../tests/influxdb.ts";
import type { RunningInfluxDb } from "../../tests/influxdb.ts";
import type { Places, Programs } from "./data.ts";
import { askFlux } from "./flux.ts";
import { openInflux } from "./into-influx.ts";
import { askPromQl } from "./promql.ts";
import { TOP, stepsOf } from "./questions.ts";
import type { Question } from "./questions.ts";
import { Victoria } from "./victoria.ts";

export const VARIANTS = {
  duckdb: "Sidelight, DuckDB",
  influx: "Sidelight, InfluxDB",
  flux: "InfluxDB, Flux",
  promql: "VictoriaMetrics, PromQL",
} as const;

export type Variant = keyof typeof VARIANTS;

/** Everything that runs while questions are asked. */
export class Engines {
  readonly #places: Places;
  readonly #programs: Programs;
  #duckdb: DuckDbStore | undefined;
  #influxDb: RunningInfluxDb | undefined;
  #influx: Store | undefined;
  #victoria: Victoria | undefined;

  constructor(places: Places, programs: Programs) {
    this.#places = places;
    this.#programs = programs;
  }

  /** Starts what a variant asks; what was read of it before is in no memory any more. */
  async start(variant: Variant): Promise<void> {
    await this.stop(variant);
    await evict(this.#places[variant === "flux" ? "influx" : variant === "promql" ? "victoria" : variant]);
    if (variant === "duckdb") this.#duckdb = await DuckDbStore.open({ path: this.#places.duckdb });
    else if (variant === "promql")
      this.#victoria = await Victoria.start(this.#programs.victoria, this.#places.victoria);
    else await this.#startInflux();
  }

  /** Asks one question; over when the whole answer is there. What Sidelight answers is returned. */
  async ask(variant: Variant, question: Question): Promise<unknown> {
    if (variant === "flux") return askFlux(this.#influxDb!, question);
    if (variant === "promql") return askPromQl(this.#victoria!, question);
    return askStore(variant === "duckdb" ? this.#duckdb! : this.#influx!, question);
  }

  async stop(variant: Variant): Promise<void> {
    if (variant === "duckdb") {
      await this.#duckdb?.close();
      this.#duckdb = undefined;
    } else if (variant === "promql") {
      await this.#victoria?.stop();
      this.#victoria = undefined;
    } else {
      await this.#influx?.close();
      await this.#influxDb?.remove();
      [this.#influx, this.#influxDb] = [undefined, undefined];
    }
  }

  async stopAll(): Promise<void> {
    for (const variant of Object.keys(VARIANTS) as Variant[]) await this.stop(variant);
  }

  async #startInflux(): Promise<void> {
    this.#influxDb = await startInfluxDb(this.#programs.influxd, this.#places.influx);
    this.#influx = openInflux({ ...this.#influxDb, journal: this.#places.journal });
    // Loads the names, as control does when it starts.
    await this.#influx.nodes();
  }
}

async function askStore(store: Store, question: Question): Promise<unknown> {
  const { range } = question;
  switch (question.what) {
    case "edges":
      return store.totals(range);
    case "endpoint":
      return store.series({ selection: question.endpoint, range, ...stepsOf(range) });
    case "grouped":
      return store.series({ range, ...stepsOf(range), labelsOf: ({ server }) => [server.id], top: TOP });
    case "topology":
      return new Picture(await store.sums(range), range).snapshot;
  }
}

/**
 * Takes files that nobody has open and that were written long ago out of the kernel's memory (posix_fadvise), which needs
 * no rights. Small ones stay: InfluxDB has thousands, and it takes a process each.
 */
async function evict(place: string): Promise<void> {
  const dd = ["dd", "of={}", "oflag=nocache", "conv=notrunc", "count=0", "status=none"];
  await promisify(execFile)("find", [place, "-type", "f", "-size", "+16k", "-exec", ...dd, ";"]);
}
