/** The demo in a cluster, from nothing to running and back: images, Sidelight, the shop with its sidecars, the filter, the load. */
import { rm } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { Progress } from "../../provision/progress.ts";
import { STORE_PROTOCOLS, setRate } from "../control-client.ts";
import { ENTRY } from "../measured-run.ts";
import type { MeasuredShop } from "../measured-run.ts";
import { read } from "../readings.ts";
import type { Readings } from "../readings.ts";
import { announce, makeDemoFolder, retract } from "../run-folder.ts";
import { SERVICE_PORT } from "../shop/http-client.ts";
import { SERVICE_NAMES } from "../shop/names.ts";
import { Supervisor } from "../supervisor.ts";
import { CALLEES } from "../topology.ts";
import { forward } from "./forwards.ts";
import type { Way } from "./forwards.ts";
import type { Kubectl } from "./kubectl.ts";
import {
  BACK_OFFICE,
  CONTROL_PORT,
  DEMO_LABEL,
  LOAD,
  LOAD_NAMESPACE,
  SHOP_NAMESPACE,
  SIDELIGHT_NAMESPACE,
} from "./names.ts";
import { allReport, turnOn } from "./observed.ts";
import type { ClusterFacts } from "./preflight.ts";
import { SIDELIGHT_MANIFEST, removeFrom } from "./removal.ts";
import { rolledOut } from "./rollout.ts";
import { backOfficeObjects, loadObjects, shopObjects } from "./shop-objects.ts";
import { makeVolume } from "./volume.ts";

/** Services whose sidecars are asked something: the queue-master's is not. */
export const ASKED_SERVICES = [ENTRY, ...SERVICE_NAMES.filter((name) => Object.values(CALLEES).flat().includes(name))];
/** Longer than a count takes from a sidecar to the answers. */
const QUIET_MS = 3_000;

export interface Addresses {
  /** Base URLs on this machine. */
  readonly ui: string;
  readonly grpc: string;
  readonly shop: string;
  readonly backOffice: string;
  readonly load: string;
}

export class ClusterDemo {
  readonly kubectl: Kubectl;
  readonly #progress: Progress;
  readonly #facts: ClusterFacts;
  readonly #startedAtMs = Date.now();
  #folder = "";
  #supervisor: Supervisor | undefined;
  #addresses: Addresses | undefined;
  #isTapped = false;

  constructor(kubectl: Kubectl, facts: ClusterFacts, progress: Progress) {
    this.kubectl = kubectl;
    this.#facts = facts;
    this.#progress = progress;
  }

  /** Rejects when a way into the cluster ends. Before there are any, it waits. */
  get failure(): Promise<never> {
    return this.#supervisor?.failure ?? new Promise<never>(() => {});
  }

  get addresses(): Addresses {
    if (!this.#addresses) throw new Error("The demo has not started");
    return this.#addresses;
  }

  /** What the ways into the cluster said. */
  get logFolder(): string {
    return join(this.#folder, "logs");
  }

  /** `kubectl apply -f deploy/sidelight.yaml`, with a volume where the cluster makes none. */
  async installSidelight(): Promise<void> {
    const { kubectl } = this;
    await this.#progress.step("Back office", async (step) => {
      await kubectl.apply(backOfficeObjects());
      await rolledOut(kubectl, LOAD_NAMESPACE, step);
    });
    const [node] = this.#facts.nodes;
    if (!this.#facts.hasStorage && node !== undefined) {
      await this.#progress.step("Volume", async (step) => {
        await makeVolume(kubectl, node);
        step.note(`a folder of node ${node}, since this cluster has no default StorageClass`);
      });
    }
    await this.#progress.step("Sidelight", async (step) => {
      await kubectl.run(["apply", "-f", SIDELIGHT_MANIFEST]);
      const [[key, value]] = Object.entries(DEMO_LABEL) as [[string, string]];
      await kubectl.run(["label", "--overwrite", "namespace", SIDELIGHT_NAMESPACE, `${key}=${value}`]);
      await rolledOut(kubectl, SIDELIGHT_NAMESPACE, step);
    });
    const ofTaps = ["-l", "app.kubernetes.io/component=tap", "-o", "name"];
    this.#isTapped = (await kubectl.run(["-n", SIDELIGHT_NAMESPACE, "get", "daemonsets", ...ofTaps])) !== "";
  }

  async openShop(): Promise<void> {
    await this.#progress.step("Shop with sidecars", async (step) => {
      await this.kubectl.apply(shopObjects());
      await rolledOut(this.kubectl, SHOP_NAMESPACE, step);
    });
  }

  /** @param rate requests a second, from now on */
  async startLoad(rate: number): Promise<void> {
    await this.#progress.step("Load", async (step) => {
      await this.kubectl.apply(loadObjects(rate));
      await rolledOut(this.kubectl, LOAD_NAMESPACE, step);
    });
    await this.#progress.step("Ways into the cluster", () => this.#openWays());
  }

  /** Turns the filter on below the load, in sidecars that run. */
  async observe(): Promise<void> {
    await this.#progress.step("The filter in the sidecars", async (step) => {
      await turnOn(this.kubectl);
      await allReport(this.addresses.ui, ASKED_SERVICES, step);
    });
  }

  /** What a run of it is measured by: requests between its services, and into them; where there are taps, what its stores are asked too. */
  measured(): MeasuredShop {
    const { ui, backOffice, load } = this.addresses;
    const bases = { api: ui, shop: backOffice, load };
    const isOurs = (id: string): boolean => id.startsWith(`${SHOP_NAMESPACE}/`);
    const protocols: readonly string[] = this.#isTapped ? ["http", ...STORE_PROTOCOLS] : ["http"];
    return {
      bases,
      namespace: SHOP_NAMESPACE,
      storesFrom: this.#isTapped ? "taps" : "none",
      shopper: () => `${LOAD_NAMESPACE}/${LOAD}`,
      read: async () => {
        const { shop, load: sent, totals } = await read(bases, this.#startedAtMs);
        const edges = totals.edges.filter(({ server, protocol }) => isOurs(server) && protocols.includes(protocol));
        const queries = this.#isTapped ? shop.queries : [];
        return { shop: { ...shop, tcp: [], queries }, load: sent, totals: { ...totals, edges } };
      },
    };
  }

  /** Lets the shop become quiet, so that all is counted that was sent. @returns what there is to count from */
  async quiet(): Promise<Readings> {
    const shop = this.measured();
    await setRate(shop.bases.load, 0);
    let before = "";
    for (;;) {
      const now = await shop.read();
      const counts = JSON.stringify([now.shop, now.load.sent, now.totals]);
      if (counts === before && now.shop.inFlight === 0 && now.load.inFlight === 0) return now;
      before = counts;
      await sleep(QUIET_MS);
    }
  }

  async announce(ready: boolean): Promise<void> {
    const { ui, shop, backOffice, load } = this.addresses;
    await announce({
      ...{ startedAtMs: this.#startedAtMs, ready, folder: this.#folder },
      ...{ ui, shop, shopControl: backOffice, loadControl: load },
    });
  }

  /** Removes all that it made from the cluster. */
  async stop({ keepLogs }: { readonly keepLogs: boolean }): Promise<void> {
    await this.#supervisor?.stop();
    await retract();
    await removeFrom(this.kubectl.lasting);
    if (this.#folder && !keepLogs) await rm(this.#folder, { recursive: true, force: true });
  }

  /** Ends what runs on this machine without waiting. */
  kill(): void {
    this.#supervisor?.kill();
  }

  async #openWays(): Promise<void> {
    this.#folder = await makeDemoFolder();
    this.#supervisor = new Supervisor(this.#folder);
    const ways: Way[] = [
      {
        ...{ namespace: SIDELIGHT_NAMESPACE, service: "sidelight", path: "/readyz" },
        ports: [
          [9400, 9400],
          [9480, 9480],
        ],
      },
      { namespace: SHOP_NAMESPACE, service: ENTRY, path: "/health", ports: [[SERVICE_PORT, 0]] },
      ...[BACK_OFFICE, LOAD].map((service): Way => {
        return { namespace: LOAD_NAMESPACE, service, path: "/counters", ports: [[CONTROL_PORT, 0]] };
      }),
    ];
    const forwards = [];
    for (const way of ways) forwards.push(await forward(this.kubectl, way));
    await this.#supervisor.start("load", ...forwards.map(({ part }) => part));
    const [grpc, ui, shop, backOffice, load] = forwards.flatMap(({ urls }) => urls) as [
      string,
      string,
      string,
      string,
      string,
    ];
    this.#addresses = { grpc, ui, shop, backOffice, load };
  }
}
