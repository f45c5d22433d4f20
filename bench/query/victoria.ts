/**
 * A VictoriaMetrics with the same rows: a line of InfluxDB's protocol each, with the counter's names and the resolution
 * as tags, its count, and the percentiles that Sidelight has ready in a slot. It has no histograms that merge
 * without an own series for each bucket, so it is given none.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { LEVELS } from "../../control/store/duckdb/schema.ts";
import { tagSet } from "../../control/store/influxdb/line.ts";
import { quantile } from "../../control/world/histogram.ts";
import { freePort } from "../../demo/free-port.ts";
import type { Slot } from "./history.ts";
import type { Counter } from "./mesh.ts";

const READY_LIMIT_MS = 60_000;
const LINES_AT_ONCE = 10_000;

export class Victoria {
  readonly url: string;
  readonly #child: ChildProcess;

  private constructor(url: string, child: ChildProcess) {
    this.url = url;
    this.#child = child;
  }

  static async start(binary: string, folder: string): Promise<Victoria> {
    const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const args = [`-storageDataPath=${folder}`, `-httpListenAddr=${listen}`, "-retentionPeriod=100y"];
    const child = spawn(binary, [...args, "-search.latencyOffset=0s", "-loggerLevel=ERROR"], { stdio: "ignore" });
    const victoria = new Victoria(`http://${listen}`, child);
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await victoria.#isReady())) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await victoria.stop();
        throw new Error("VictoriaMetrics did not become ready");
      }
      await sleep(20);
    }
    return victoria;
  }

  async write(lines: readonly string[]): Promise<void> {
    await this.ask("/write?precision=ms", lines.join("\n"));
  }

  /** The whole answer to a question. */
  async ask(path: string, body?: string): Promise<string> {
    const answer = await fetch(`${this.url}${path}`, body === undefined ? {} : { method: "POST", body });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`VictoriaMetrics answered ${answer.status} to ${path}: ${text}`);
    return text;
  }

  /** Ends it; what it was given is on disk then. */
  async stop(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return;
    this.#child.kill("SIGTERM");
    await once(this.#child, "exit");
  }

  #isReady(): Promise<boolean> {
    return fetch(`${this.url}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}

export class IntoVictoria {
  readonly #victoria: Victoria;
  readonly #mesh: readonly Counter[];
  /** By level and counter, what stands before the fields. */
  readonly #heads = LEVELS.map(() => new Map<number, string>());
  #lines: string[] = [];

  constructor(victoria: Victoria, mesh: readonly Counter[]) {
    this.#victoria = victoria;
    this.#mesh = mesh;
  }

  async add({ level, startMs, counted }: Slot): Promise<void> {
    for (const { counter, count, buckets } of counted) {
      const percentiles = [0.5, 0.95, 0.99].map(
        (share) => `p${share * 100}_ms=${(quantile(buckets, share) ?? 0) / 1_000}`,
      );
      const fields = level === 0 ? "" : `,${percentiles.join()}`;
      this.#lines.push(`${this.#head(level, counter)} count=${count}${fields} ${startMs}`);
    }
    if (this.#lines.length >= LINES_AT_ONCE) await this.#send();
  }

  async end(): Promise<void> {
    await this.#send();
    await this.#victoria.ask("/internal/force_flush");
    await this.#victoria.ask("/internal/force_merge");
  }

  async #send(): Promise<void> {
    await this.#victoria.write(this.#lines);
    this.#lines = [];
  }

  #head(level: number, counter: number): string {
    const known = this.#heads[level]!.get(counter);
    if (known !== undefined) return known;
    const { key } = this.#mesh[counter]!;
    const head = `requests${tagSet({ ...key, status: String(key.status), resolution: LEVELS[level]!.name })}`;
    this.#heads[level]!.set(counter, head);
    return head;
  }
}
