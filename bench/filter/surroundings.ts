/** What runs beside the proxies, for all scenarios: the workload and a receiver for each kind of report. */
import { fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

import { buildEmptyFilter } from "./empty.ts";
import { Receiver } from "./receiver.ts";
import type { Ports } from "./responder.ts";
import { RECEIVERS, receiverOf } from "./variants.ts";
import type { ReceiverName, Variant } from "./variants.ts";

type Receivers = Readonly<Record<ReceiverName, Receiver>>;

export class Surroundings {
  private constructor(
    /** Of the workload. */
    readonly ports: Ports,
    /** Path of the empty filter's module. */
    readonly emptyFilter: string,
    readonly receivers: Receivers,
    /** All processes. */
    readonly pids: readonly number[],
  ) {}

  /** Runs something with all of it, and ends it. */
  static async around(work: (around: Surroundings) => Promise<void>): Promise<void> {
    const folder = await mkdtemp(join(tmpdir(), "sidelight-bench-"));
    const script = fileURLToPath(new URL("responder.ts", import.meta.url));
    const responder = fork(script, [], { execArgv: ["--import", "tsx"] });
    const started: Receiver[] = [];
    try {
      const [ports] = (await once(responder, "message")) as [Ports];
      const emptyFilter = await buildEmptyFilter(folder);
      for (const name of RECEIVERS) started.push(await Receiver.start(name));
      const receivers = Object.fromEntries(started.map((receiver) => [receiver.name, receiver])) as Receivers;
      const pids = [responder.pid ?? 0, ...started.map(({ pid }) => pid)];
      await work(new Surroundings(ports, emptyFilter, receivers, pids));
    } finally {
      for (const receiver of started) await receiver.stop();
      responder.kill("SIGKILL");
      await rm(folder, { recursive: true, force: true });
    }
  }

  /** Ports of the receivers, for a bootstrap. */
  get receiverPorts(): Partial<Record<ReceiverName, number>> {
    return Object.fromEntries(Object.values(this.receivers).map(({ name, port }) => [name, port]));
  }

  /** Who gets a variant's reports; undefined for those that make none. */
  receiverOf(variant: Variant): Receiver | undefined {
    const name = receiverOf(variant);
    return name && this.receivers[name];
  }

  /** Waits until every receiver has all that it expects. Throws if one does not get it. */
  async allArrived(): Promise<void> {
    for (const receiver of Object.values(this.receivers)) await receiver.arrived();
  }
}
