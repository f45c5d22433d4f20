/** A whole control beside a mesh, with exactly the account that the docs state; it keeps its ports and its data over restarts. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { OptInStatus, OptedInWorkload } from "../../control/api/opt-in-source.ts";
import { freePort } from "../../demo/free-port.ts";
import { ControlProcess } from "../control/control-process.ts";
import type { ControlPorts } from "./mesh.ts";

export class MeshControl {
  #process: ControlProcess | undefined;

  private constructor(
    readonly ports: ControlPorts,
    private readonly folder: string,
    private readonly kubeconfig: string,
  ) {}

  /** Reserves its ports; `start` starts it. */
  static async prepare(kubeconfig: string): Promise<MeshControl> {
    const ports = { grpc: await freePort("127.0.0.1"), http: await freePort("127.0.0.1") };
    return new MeshControl(ports, await mkdtemp(join(tmpdir(), "sidelight-mesh-")), kubeconfig);
  }

  async start(more: NodeJS.ProcessEnv = {}): Promise<void> {
    this.#process = await ControlProcess.start({
      ...{ SIDELIGHT_DATA_DIR: this.folder, SIDELIGHT_KUBECONFIG: this.kubeconfig },
      SIDELIGHT_GRPC_LISTEN: `127.0.0.1:${this.ports.grpc}`,
      SIDELIGHT_HTTP_LISTEN: `127.0.0.1:${this.ports.http}`,
      ...{ SIDELIGHT_OBSERVE: "on", SIDELIGHT_OBSERVE_OWNER: "sidelight-opt-in" },
      SIDELIGHT_FILTER_URL: "http://sidelight.sidelight.svc:9480",
      ...more,
    });
  }

  get process(): ControlProcess {
    if (!this.#process) throw new Error("Asking control: it is not started");
    return this.#process;
  }

  /** In order. @returns its exit code */
  async end(): Promise<number | null> {
    return await this.process.end("SIGTERM");
  }

  async remove(): Promise<void> {
    await this.#process?.end("SIGTERM");
    await rm(this.folder, { recursive: true, force: true });
  }

  async status(): Promise<OptInStatus> {
    return await this.process.json<OptInStatus>("/api/v1/opt-in");
  }

  async workload(id: string): Promise<OptedInWorkload | undefined> {
    return (await this.status()).workloads.find(({ namespace, name }) => `${namespace}/${name}` === id);
  }

  /** Requests of all outcomes over HTTP, by "client -> server"; whatever happened in the last hour. */
  async requests(): Promise<Record<string, number>> {
    const totals = await this.process.totals();
    const http = totals.filter(({ protocol }) => protocol !== "tcp");
    return Object.fromEntries(
      http.map(({ client, server, outcomes }) => {
        return [`${client} -> ${server}`, Object.values(outcomes).reduce((sum, count) => sum + count, 0)];
      }),
    );
  }
}
