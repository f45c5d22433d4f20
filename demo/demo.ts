/** One demo from nothing to running: fetch, build, start in order, announce; and the way back. */
import { mkdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { build } from "../provision/build.ts";
import { envoyBinary } from "../provision/envoy.ts";
import type { Progress } from "../provision/progress.ts";
import { externalShopper } from "./conservation.ts";
import { ENTRY } from "./measured-run.ts";
import type { MeasuredShop } from "./measured-run.ts";
import { controlPart, edgeOf, loadPart, shopPart, sidecarPart, tapPart, url } from "./parts.ts";
import { read } from "./readings.ts";
import { announce, makeDemoFolder, retract, runningDemos } from "./run-folder.ts";
import { prepareMariadb } from "./stores/mariadb.ts";
import { preparePostgres } from "./stores/postgres.ts";
import { prepareRabbitmq } from "./stores/rabbitmq.ts";
import { prepareRedis } from "./stores/redis.ts";
import type { PrepareStore, StoreProgram } from "./stores/store.ts";
import { Supervisor } from "./supervisor.ts";
import { tappedNodes, whyNoCapture } from "./taps.ts";
import { NAMESPACE, claimTopology } from "./topology.ts";
import type { StoreEngine, Topology } from "./topology.ts";

export interface DemoOptions {
  /** Requests a second at the shop's edge. */
  readonly rate: number;
  /** Whether anyone will look: without, the UI is not built. */
  readonly withUi: boolean;
}

const stores: Readonly<Record<StoreEngine, { readonly title: string; readonly prepare: PrepareStore }>> = {
  redis: { title: "Redis", prepare: prepareRedis },
  mariadb: { title: "MariaDB", prepare: prepareMariadb },
  postgres: { title: "PostgreSQL", prepare: preparePostgres },
  rabbitmq: { title: "RabbitMQ", prepare: prepareRabbitmq },
};

export class Demo {
  readonly folder: string;
  readonly topology: Topology;
  readonly #supervisor: Supervisor;
  readonly #progress: Progress;
  readonly #startedAtMs = Date.now();
  #isTapped = false;

  private constructor(parts: { folder: string; topology: Topology; progress: Progress }) {
    this.folder = parts.folder;
    this.topology = parts.topology;
    this.#progress = parts.progress;
    this.#supervisor = new Supervisor(parts.folder);
  }

  /** Claims addresses and a folder. Nothing runs yet; `stop` gives all back from here on. */
  static async prepare(progress: Progress): Promise<Demo> {
    // Also clears away what a demo that was killed has left.
    await runningDemos();
    return new Demo({ folder: await makeDemoFolder(), topology: await claimTopology(), progress });
  }

  get #storesFolder(): string {
    return join(this.folder, "stores");
  }

  get logFolder(): string {
    return this.#supervisor.logFolder;
  }

  /** Rejects when a part dies, naming it and the end of its log. */
  get failure(): Promise<never> {
    return this.#supervisor.failure;
  }

  /** What a run of it is measured by. */
  measured(): MeasuredShop {
    const { control, shop, load, client } = this.topology;
    const bases = { api: url(control.http), shop: url(shop), load: url(load) };
    return {
      bases,
      namespace: NAMESPACE,
      storesFrom: this.#isTapped ? "taps" : "sidecars",
      shopper: (totals) => externalShopper(totals, `${NAMESPACE}/${ENTRY}`, client),
      read: async () => {
        const readings = await read(bases, this.#startedAtMs);
        return this.#isTapped ? readings : { ...readings, shop: { ...readings.shop, queries: [] } };
      },
    };
  }

  async start({ rate, withUi }: DemoOptions): Promise<void> {
    await this.#announce(false);
    // The stores take longest, so all that does not need them comes up beside them.
    await Promise.all([this.#startStores(), this.#startMesh(withUi)]);
    await this.#progress.step("Shop", () => this.#supervisor.start("shop", shopPart(this.folder, this.topology)));
    await this.#progress.step("Load", () => this.#supervisor.start("load", loadPart(this.folder, this.topology, rate)));
    await this.#announce(true);
  }

  /** Stops every process and removes what they wrote, but for logs and configuration where someone is to look. */
  async stop({ keepLogs }: { keepLogs: boolean }): Promise<void> {
    await this.#supervisor.stop();
    await retract();
    this.topology.release();
    await rm(keepLogs ? this.#storesFolder : this.folder, { recursive: true, force: true });
  }

  /** Kills every process without waiting. */
  kill(): void {
    this.#supervisor.kill();
  }

  async #announce(ready: boolean): Promise<void> {
    const { control, shop, load } = this.topology;
    await announce({
      startedAtMs: this.#startedAtMs,
      ready,
      folder: this.folder,
      ui: url(control.http),
      shop: url(edgeOf(this.topology)),
      shopControl: url(shop),
      loadControl: url(load),
    });
  }

  async #startStores(): Promise<void> {
    const scratch = join(this.#storesFolder, "programs");
    await mkdir(scratch, { recursive: true });
    const engines = Object.keys(stores) as StoreEngine[];
    await Promise.all(
      engines.map((engine) =>
        this.#progress.step(stores[engine].title, async (step) => {
          const program = await stores[engine].prepare(step, scratch);
          step.note("starting");
          const places = this.topology.stores.filter((store) => store.engine === engine);
          await Promise.all(places.map((place) => this.#startStore(program, place)));
          step.note(places.map(({ name, address, port }) => `${name} ${address}:${port}`).join(", "));
        }),
      ),
    );
  }

  async #startStore(program: StoreProgram, place: { name: string; address: string; port: number }): Promise<void> {
    const folder = join(this.#storesFolder, place.name);
    await mkdir(folder);
    for (const part of await program.parts({ ...place, folder })) await this.#supervisor.start("stores", part);
  }

  /** Control, the taps where there may be some, and the sidecars. */
  async #startMesh(withUi: boolean): Promise<void> {
    const { folder, topology } = this;
    const [envoy, whyNot] = await Promise.all([
      envoyBinary(this.#progress),
      whyNoCapture(),
      build(this.#progress, withUi ? ["proto", "filter", "tap", "ui"] : ["proto", "filter", "tap"]),
    ]);
    await this.#progress.step("Control", () => this.#supervisor.start("control", controlPart(folder, topology)));
    if (whyNot !== undefined) {
      this.#progress.say(`The stores' edges come from the sidecars' TCP counters: no taps, since ${whyNot}`);
    }
    const sidecars = topology.services.map((service) => sidecarPart(folder, envoy, service, topology));
    await Promise.all([
      this.#progress.step(`${sidecars.length} Envoy sidecars`, () => this.#supervisor.start("sidecars", ...sidecars)),
      ...(whyNot === undefined ? [this.#startTaps()] : []),
    ]);
  }

  async #startTaps(): Promise<void> {
    const parts = tappedNodes(this.topology).map((tapped) => tapPart(this.folder, tapped, this.topology));
    await this.#progress.step(`${parts.length} taps`, () => this.#supervisor.start("taps", ...parts));
    this.#isTapped = true;
  }
}
