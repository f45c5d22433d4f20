/** A real VictoriaMetrics (Debian's package, unpacked without root) that is told the same rows. */
import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

import { freePort } from "../../demo/free-port.ts";
import { progressOn } from "../../provision/progress.ts";
import { victoriaMetricsBinary } from "../../provision/victoria-metrics.ts";

const READY_LIMIT_MS = 30_000;
const FIGURES_LIMIT_MS = 10_000;

export class VictoriaMetrics {
  private constructor(
    readonly child: ChildProcess,
    readonly folder: string,
    readonly url: string,
  ) {}

  static async start(): Promise<VictoriaMetrics> {
    const binary = await victoriaMetricsBinary(progressOn());
    const folder = await mkdtemp(join(tmpdir(), "sidelight-victoria-metrics-"));
    const listen = `127.0.0.1:${await freePort("127.0.0.1")}`;
    const options = [`-storageDataPath=${join(folder, "data")}`, `-httpListenAddr=${listen}`, "-loggerLevel=ERROR"];
    const child = spawn(binary, options, { stdio: "ignore" });
    const server = new VictoriaMetrics(child, folder, `http://${listen}`);
    const deadline = Date.now() + READY_LIMIT_MS;
    while (!(await server.#isReady())) {
      if (Date.now() > deadline || child.exitCode !== null) {
        await server.stop();
        throw new Error("VictoriaMetrics did not become ready");
      }
      await sleep(100);
    }
    return server;
  }

  get pid(): number {
    return this.child.pid ?? 0;
  }

  /** Makes parts of what it took, which it does by itself each second. */
  async flush(): Promise<void> {
    await fetch(`${this.url}/internal/force_flush`);
  }

  /**
   * Lines that it took since it started, as soon as these are `expected`, or what it says after a while: its figures
   * lag behind its answers.
   */
  async linesTaken(expected: number): Promise<number> {
    const deadline = Date.now() + FIGURES_LIMIT_MS;
    for (;;) {
      const text = await (await fetch(`${this.url}/metrics`)).text();
      const [, rows = "0"] = /^vm_rows_inserted_total\{type="influx"\} (\d+)$/m.exec(text) ?? [];
      if (Number(rows) >= expected || Date.now() > deadline) return Number(rows);
      await sleep(100);
    }
  }

  async stop(): Promise<void> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      this.child.kill("SIGKILL");
      await once(this.child, "exit");
    }
    await rm(this.folder, { recursive: true, force: true });
  }

  async #isReady(): Promise<boolean> {
    return await fetch(`${this.url}/health`).then(
      (answer) => answer.ok,
      () => false,
    );
  }
}
