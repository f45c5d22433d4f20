/**
 * The whole main path on this machine: a server behind the sidecar of deploy/envoy/sidecar.yaml, the filter in it, and a
 * control that can be killed and started again under it. Requests enter at the sidecar's inbound listener.
 */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import type { SeriesTold } from "../../control/api/series-answers.ts";
import type { Selection, SeriesPoint } from "../../control/store/store.ts";
import { ControlProcess } from "../control/control-process.ts";
import type { RunningEnvoy } from "../envoy.ts";
import { startEnvoy } from "../envoy.ts";
import type { Upstreams } from "../wasm-filter/bootstrap.ts";
import { sidecarBootstrap } from "../wasm-filter/bootstrap.ts";
import type { LoadConfig, LoadResult } from "./load.ts";
import { projectRoot } from "../../provision/build.ts";

/** The workload that the example's node metadata names. */
export const SERVER = "shop/orders";

const INVENTORY = `
clusterCidrs: [10.0.0.0/8]
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1] }
  - { namespace: shop, name: payment, hosts: [payment.shop], addresses: [10.0.0.2] }
`;

function start(script: string, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, ["--import", "tsx", join(projectRoot, "tests/e2e", script), ...args], {
    cwd: projectRoot,
    stdio: ["ignore", "pipe", "inherit"],
  });
}

async function firstLine(child: ChildProcess): Promise<string> {
  let text = "";
  for await (const chunk of child.stdout as AsyncIterable<Buffer>) {
    text += chunk.toString("utf8");
    if (text.includes("\n")) break;
  }
  return text.slice(0, text.indexOf("\n"));
}

/** Asks until the answer satisfies `isRight` or the time is up; returns the last answer either way. */
export async function eventually<T>(
  ask: () => Promise<T>,
  isRight: (value: T) => boolean,
  limitMs = 30_000,
): Promise<T> {
  const deadline = Date.now() + limitMs;
  for (;;) {
    const value = await ask();
    if (isRight(value) || Date.now() > deadline) return value;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

interface Parts {
  readonly folder: string;
  readonly backend: ChildProcess;
  readonly control: ControlProcess;
  readonly envoy: RunningEnvoy;
  readonly upstreams: Upstreams;
}

export class Stack {
  readonly startedMs = Date.now();
  readonly #folder: string;
  readonly #backend: ChildProcess;
  #control: ControlProcess;
  #isControlUp = true;

  readonly envoy: RunningEnvoy;
  /** Where the sidecar's clusters lead. */
  readonly upstreams: Upstreams;

  private constructor(parts: Parts) {
    this.#folder = parts.folder;
    this.#backend = parts.backend;
    this.#control = parts.control;
    this.envoy = parts.envoy;
    this.upstreams = parts.upstreams;
  }

  /** Starts all of it. */
  static async start(): Promise<Stack> {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-e2e-"));
    await writeFile(join(folder, "inventory.yaml"), INVENTORY);
    const backend = start("backend.ts", []);
    const app = Number(await firstLine(backend));
    const control = await ControlProcess.start(environment(folder));
    const upstreams = { app, payment: app, database: app, control: Number(control.grpc.split(":").pop()) };
    const envoy = await startEnvoy(sidecarBootstrap(upstreams));
    return new Stack({ folder, backend, control, envoy, upstreams });
  }

  get control(): ControlProcess {
    return this.#control;
  }

  /** Ends control at once, as a power cut would. */
  async killControl(): Promise<void> {
    await this.#control.end("SIGKILL");
    this.#isControlUp = false;
  }

  /** Starts control again, on the ports and the data that it had. */
  async startControl(): Promise<void> {
    this.#control = await ControlProcess.start({
      ...environment(this.#folder),
      SIDELIGHT_GRPC_LISTEN: this.#control.grpc,
      SIDELIGHT_HTTP_LISTEN: this.#control.http,
    });
    this.#isControlUp = true;
  }

  /** Drives the mix through the sidecar's inbound listener. */
  async load(config: Pick<LoadConfig, "rate" | "seconds">): Promise<LoadResult> {
    const target: LoadConfig = { host: "127.0.0.1", port: this.envoy.port("inbound"), ...config };
    const child = start("load.ts", [JSON.stringify(target)]);
    const chunks: Buffer[] = [];
    child.stdout?.on("data", (chunk: Buffer) => chunks.push(chunk));
    await once(child, "close");
    return JSON.parse(Buffer.concat(chunks).toString("utf8")) as LoadResult;
  }

  /** All that was counted for a selection since the start: the sum of a series, whose steps begin where slots do. */
  async counted(selection: Selection): Promise<SeriesPoint> {
    const step = 10_000;
    const from = Math.floor(this.startedMs / step) * step;
    const length = Math.ceil((Date.now() + 2 * step - from) / step) * step;
    const query = new URLSearchParams({
      ...{ server: SERVER, from: String(from), to: String(from + length), step: String(length) },
      ...selection,
    });
    const { series } = await this.#control.json<SeriesTold>(`/api/v1/series?${query.toString()}`);
    if (series.length !== 1) throw new Error(`Asked for one series, got ${series.length}`);
    return series[0]!.total;
  }

  /** Requests counted since the start, all outcomes; at the server, where nothing else is selected. */
  async countedRequests(selection: Selection = {}): Promise<number> {
    const { outcomes } = await this.counted(selection);
    return Object.values(outcomes).reduce((sum, count) => sum + count, 0);
  }

  async stop(): Promise<void> {
    await this.envoy.stop();
    if (this.#isControlUp) await this.#control.end("SIGTERM");
    this.#backend.kill("SIGKILL");
    await rm(this.#folder, { recursive: true, force: true });
  }
}

function environment(folder: string): NodeJS.ProcessEnv {
  return {
    SIDELIGHT_DATA_DIR: join(folder, "data"),
    SIDELIGHT_INVENTORY: join(folder, "inventory.yaml"),
  };
}
