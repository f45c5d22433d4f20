/** A real Prometheus (Debian's package, unpacked without root) that scrapes one Envoy as Istio's sample set-up does. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../demo/free-port.ts";
import { debianPackages } from "../provision/debian.ts";

/** `scrape_interval` of samples/addons/prometheus.yaml in Istio's release. */
export const PROMETHEUS_SCRAPE_SECONDS = 15;

const READY_LIMIT_MS = 30_000;
const QUERY = 'sum(envoy_http_downstream_rq_completed{envoy_http_conn_manager_prefix="inbound"})';

interface QueryAnswer {
  readonly data?: { readonly result?: readonly { readonly value: readonly [number, string] }[] };
}

export class Prometheus {
  private constructor(
    readonly child: ChildProcess,
    readonly folder: string,
    readonly url: string,
  ) {}

  /** Starts one, or says why it cannot and returns undefined: the benchmark then goes without the comparison. */
  static async start(envoyAdminPort: number, say: (line: string) => void): Promise<Prometheus | undefined> {
    try {
      return await Prometheus.#start(envoyAdminPort);
    } catch (error) {
      say(`Without Prometheus to compare with: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  static async #start(envoyAdminPort: number): Promise<Prometheus> {
    const { root, libraryPath } = await debianPackages("prometheus", ["prometheus"]);
    const folder = await mkdtemp(join(tmpdir(), "sidelight-prometheus-"));
    const config = {
      global: { scrape_interval: `${PROMETHEUS_SCRAPE_SECONDS}s` },
      scrape_configs: [
        {
          ...{ job_name: "envoy", metrics_path: "/stats/prometheus" },
          static_configs: [{ targets: [`127.0.0.1:${envoyAdminPort}`] }],
        },
      ],
    };
    // JSON is YAML.
    await writeFile(join(folder, "prometheus.yml"), JSON.stringify(config));
    const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const child = spawn(
      join(root, "usr/bin/prometheus"),
      [
        ...[`--config.file=${join(folder, "prometheus.yml")}`, `--storage.tsdb.path=${join(folder, "data")}`],
        `--web.listen-address=${listen}`,
      ],
      { env: { ...process.env, LD_LIBRARY_PATH: libraryPath }, stdio: "ignore" },
    );
    const prometheus = new Prometheus(child, folder, `http://${listen}`);
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await prometheus.#isReady())) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await prometheus.stop();
        throw new Error("Prometheus did not become ready");
      }
      await sleep(200);
    }
    return prometheus;
  }

  /** Requests that Envoy had completed, as of the last scrape. */
  async completedRequests(): Promise<number> {
    const answer = await fetch(`${this.url}/api/v1/query?query=${encodeURIComponent(QUERY)}`);
    const { data } = (await answer.json()) as QueryAnswer;
    return Number(data?.result?.[0]?.value[1] ?? 0);
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`${this.url}/-/ready`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}
