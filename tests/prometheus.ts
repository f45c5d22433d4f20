/** A real Prometheus (Debian's package, unpacked without root) that scrapes what it is told, with its data in a folder of its own. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { freePort } from "../demo/free-port.ts";
import { prometheusPrograms } from "../provision/prometheus.ts";
import type { PrometheusPrograms } from "../provision/prometheus.ts";

const READY_LIMIT_MS = 30_000;

/** What one place says at /metrics or elsewhere. */
export interface ScrapeTarget {
  /** "host:port" */
  readonly address: string;
  readonly job: string;
  /** "/metrics" where not given. */
  readonly path?: string;
  readonly seconds: number;
}

/** One series of an answer: its labels and its value. */
export interface PromSample {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

/** The programs; undefined, with a line that says why, where they cannot be had. */
export async function findPrometheus(): Promise<PrometheusPrograms | undefined> {
  try {
    return await prometheusPrograms();
  } catch (error) {
    process.stdout.write(`skipped: there is no Prometheus here: ${(error as Error).message}\n`);
    return undefined;
  }
}

export class Prometheus {
  private constructor(
    readonly url: string,
    /** Ends it and removes its data. */
    readonly stop: () => Promise<void>,
  ) {}

  /** Starts one that is ready. */
  static async start(programs: PrometheusPrograms, target: ScrapeTarget): Promise<Prometheus> {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-prometheus-"));
    const { address, job, path = "/metrics", seconds } = target;
    const config = {
      global: { scrape_interval: `${seconds}s` },
      scrape_configs: [{ job_name: job, metrics_path: path, static_configs: [{ targets: [address] }] }],
    };
    // JSON is YAML.
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
    const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const files = [`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`];
    const child = spawn(programs.prometheus, [...files, `--web.listen-address=${listen}`], {
      env: { ...process.env, ...programs.env },
      stdio: "ignore",
    });
    const isGone = (): boolean => child.exitCode !== null || child.signalCode !== null;
    const prometheus = new Prometheus(`http://${listen}`, async () => {
      if (!isGone()) {
        child.kill("SIGKILL");
        await once(child, "exit");
      }
      await rm(folder, { recursive: true, force: true });
    });
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await prometheus.#isReady())) {
      if (Date.now() > deadline || isGone()) {
        await prometheus.stop();
        throw new Error("Prometheus did not become ready");
      }
      await sleep(100);
    }
    return prometheus;
  }

  /** What a question in PromQL answers now; NaN and infinities too. Throws for one that cannot be asked. */
  async query(question: string): Promise<PromSample[]> {
    return await askProm(this.url, question);
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`${this.url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}

/** Asks whatever speaks Prometheus' API. @param atMs the instant that is asked for; now, where not given */
export async function askProm(url: string, question: string, atMs?: number): Promise<PromSample[]> {
  const parameters = new URLSearchParams({ query: question, ...(atMs && { time: String(atMs / 1_000) }) });
  const response = await fetch(`${url}/api/v1/query?${parameters.toString()}`);
  const text = await response.text();
  if (!response.ok) throw new Error(`Asking for ${question}: ${response.status} ${text}`);
  const { data } = JSON.parse(text) as {
    data: { result: { metric: Record<string, string>; value: [number, string] }[] };
  };
  return data.result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}
