/**
 * A real Envoy whose configuration changes under load, with the filter in each of its places, and a control that can be
 * away meanwhile. Counts what the load got answers for, to be compared with what control was told.
 */
import http from "node:http";
import net from "node:net";
import { setTimeout as sleep } from "node:timers/promises";

import { type RunningEnvoy, startEnvoy } from "../envoy.ts";
import { type Bootstrap, type Listener, sidecarBootstrap } from "./bootstrap.ts";
import { LiveConfig } from "./live-config.ts";
import { Receiver } from "./receiver.ts";
import { type Closable, startApp, startEcho, until } from "./traffic.ts";

/** Seconds that Envoy gives the connections of what was replaced. */
const DRAIN_SECONDS = 1;

/** How many of each were answered. */
export interface Answers {
  inbound: number;
  outbound: number;
  tcp: number;
}

export interface HandOverOptions {
  readonly workers: number;
  /** Listeners that are there; all by default. */
  readonly listeners?: readonly string[];
}

export class HandOver {
  readonly answers: Answers = { inbound: 0, outbound: 0, tcp: 0 };
  readonly receiver: Receiver;
  readonly envoy: RunningEnvoy;
  readonly #listeners: readonly Listener[];
  readonly #config: LiveConfig;
  readonly #closables: readonly Closable[];
  readonly #stopping = new AbortController();
  #load: Promise<void>[] = [];

  private constructor(parts: {
    receiver: Receiver;
    envoy: RunningEnvoy;
    bootstrap: Bootstrap;
    config: LiveConfig;
    closables: readonly Closable[];
  }) {
    this.receiver = parts.receiver;
    this.envoy = parts.envoy;
    this.#listeners = parts.bootstrap.static_resources.listeners;
    this.#config = parts.config;
    this.#closables = parts.closables;
  }

  static async start({ workers, listeners }: HandOverOptions): Promise<HandOver> {
    const receiver = await new Receiver().start();
    const [app, echo] = [await startApp(), await startEcho()];
    const upstreams = { app: app.port, payment: app.port, database: echo.port, control: receiver.port };
    const bootstrap = sidecarBootstrap(upstreams);
    const { static_resources: resources } = bootstrap;
    if (listeners) resources.listeners = resources.listeners.filter(({ name }) => listeners.includes(name));
    const config = await LiveConfig.of(bootstrap);
    const args = ["--drain-time-s", String(DRAIN_SECONDS), "--drain-strategy", "immediate"];
    const envoy = await startEnvoy(config.bootstrap, { workers, args });
    return new HandOver({ receiver, envoy, bootstrap, config, closables: [app, echo] });
  }

  /** Asks steadily, over each listener that there is, until `settle` or `stopLoad`. */
  startLoad(): void {
    const loops: Record<string, () => Promise<void>> = {
      inbound: () => this.#askAgain("inbound"),
      outbound: () => this.#askAgain("outbound"),
      "orders-db": () => this.#connectAgain("orders-db"),
    };
    for (const { name } of this.#listeners) {
      const loop = loops[name];
      if (loop) this.#load.push(loop(), loop());
    }
  }

  async stopLoad(): Promise<void> {
    this.#stopping.abort();
    await Promise.all(this.#load);
  }

  /** Writes another configuration, made out of the first one's text, and waits until Envoy has taken it up. */
  async change(edit: (listeners: string) => string): Promise<void> {
    const before = await this.#updates();
    await this.#config.set(JSON.parse(edit(JSON.stringify(this.#listeners))) as Listener[]);
    await until(
      async () => (await this.#updates()) > before,
      () => "the configuration was not taken up",
    );
  }

  /** Waits until what was replaced is gone. */
  async drained(): Promise<void> {
    await sleep(DRAIN_SECONDS * 1000 + 200);
    const draining = async () => {
      const [chains, listeners] = await Promise.all([
        this.envoy.stat("listener_manager.total_filter_chains_draining"),
        this.envoy.stat("listener_manager.total_listeners_draining"),
      ]);
      return chains + listeners;
    };
    await until(
      async () => (await draining()) === 0,
      () => "something goes on draining",
    );
  }

  /** What control was told, by where it was counted. */
  get counted(): Answers {
    const sum = (part: string) =>
      Object.entries(this.receiver.counts).reduce(
        (total, [key, count]) => (key.includes(part) ? total + count : total),
        0,
      );
    return { inbound: sum("/inbound "), outbound: sum("/outbound "), tcp: sum(" tcp ") };
  }

  /** Ends the load and waits until as much is counted as was answered, or no more comes for a while. */
  async settle(limitMs = 25_000): Promise<void> {
    await this.stopLoad();
    const total = ({ inbound, outbound, tcp }: Answers) => inbound + outbound + tcp;
    await until(
      () => total(this.counted) >= total(this.answers),
      () => "",
      limitMs,
    ).catch(() => undefined);
    // What was counted twice would come about now.
    await sleep(500);
  }

  async stop(): Promise<void> {
    await this.stopLoad();
    await this.envoy.stop("SIGKILL");
    this.receiver.kill();
    await Promise.all(this.#closables.map((closable) => closable.close()));
    await this.#config.remove();
  }

  async #updates(): Promise<number> {
    return this.envoy.stat("listener_manager.lds.update_success");
  }

  async #askAgain(listener: "inbound" | "outbound"): Promise<void> {
    const port = this.envoy.port(listener);
    for (let i = 0; !this.#stopping.signal.aborted; i++) {
      // Some take so long that what they began under is replaced meanwhile.
      if ((await askOnce(port, `/${listener}`, i % 10 === 0 ? 300 : 0)) === 200) this.answers[listener]++;
      await sleep(5);
    }
  }

  async #connectAgain(listener: string): Promise<void> {
    const port = this.envoy.port(listener);
    while (!this.#stopping.signal.aborted) {
      if (await echoOnce(port)) this.answers.tcp++;
      await sleep(15);
    }
  }
}

/** A request on a connection of its own: it is answered, or never came to Envoy. */
function askOnce(port: number, path: string, delayMs: number): Promise<number> {
  return new Promise((resolve) => {
    const headers = { host: "payment", "x-delay": String(delayMs) };
    const request = http.request({ host: "127.0.0.1", port, path, headers, agent: false }, (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
      response.on("error", () => resolve(0));
    });
    request.on("error", () => resolve(0));
    request.end();
  });
}

/** A connection that sends a word and gets it back; whether it did. */
async function echoOnce(port: number): Promise<boolean> {
  const socket = net.connect(port, "127.0.0.1");
  let echoed = "";
  socket.on("error", () => undefined);
  socket.on("data", (bytes: Buffer) => {
    echoed += bytes.toString();
    if (echoed === "word") socket.end();
  });
  socket.write("word");
  await new Promise((resolve) => socket.on("close", resolve));
  return echoed === "word";
}
