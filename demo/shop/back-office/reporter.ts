/** Tells the back office what this process has counted, twice a second, and switches the faults that it is told to. */
import { randomUUID } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import type { Logger } from "pino";
import type { Address } from "../address.ts";
import type { Shop } from "../shop.ts";
import { REPORTS_PATH, orderSchema } from "./report.ts";
import type { Report } from "./report.ts";

const INTERVAL_MS = 500;
const TIMEOUT_MS = 2_000;
/** What a process that ends tries, to bring its last count home. */
const LAST_TRIES = 5;

export class Reporter {
  readonly #shop: Pick<Shop, "services" | "missing" | "counters" | "faults">;
  readonly #url: string;
  readonly #log: Logger;
  readonly #instance = randomUUID();
  readonly #stopping = new AbortController();
  #loop: Promise<void> = Promise.resolve();
  #isHeard = true;

  constructor(shop: Pick<Shop, "services" | "missing" | "counters" | "faults">, to: Address, log: Logger) {
    this.#shop = shop;
    this.#url = `http://${to.host}:${to.port}${REPORTS_PATH}`;
    this.#log = log;
  }

  start(): void {
    this.#loop = this.#run();
  }

  /** Sends the last word. To be called when nothing more is counted. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
    for (let left = LAST_TRIES; left > 0 && !(await this.#send(true)); left -= 1) await sleep(INTERVAL_MS);
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      await this.#send(false);
      await sleep(INTERVAL_MS, undefined, { signal }).catch(() => {});
    }
  }

  /** @returns whether it was taken */
  async #send(isLast: boolean): Promise<boolean> {
    const { services, counters, faults } = this.#shop;
    const report: Report = {
      ...{ instance: this.#instance, services: [...services], missing: this.#shop.missing(), isLast },
      counters: counters.snapshot() as Report["counters"],
    };
    try {
      const answer = await fetch(this.#url, {
        method: "POST",
        headers: { "content-type": "application/json" },
        body: JSON.stringify(report),
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      if (!answer.ok) throw new Error(`HTTP ${answer.status}: ${(await answer.text()).slice(0, 300)}`);
      faults.replace(orderSchema.parse(await answer.json()).faults);
      this.#isHeard = true;
      return true;
    } catch (error) {
      if (this.#isHeard) this.#log.warn({ url: this.#url, err: error }, "the back office does not answer");
      this.#isHeard = false;
      return false;
    }
  }
}
