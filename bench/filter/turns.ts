/** One scenario, measured: which variant took how much processor time in each round. */
import type { RunningEnvoy } from "../../tests/envoy.ts";
import { startEnvoy } from "../../tests/envoy.ts";
import { processorMicros } from "../processor-time.ts";
import { interleaved } from "../rounds.ts";
import type { Variant } from "./bootstrap.ts";
import { benchBootstrap } from "./bootstrap.ts";
import { Http1Client } from "./http1.ts";
import { Http2Client } from "./http2.ts";
import type { Client } from "./load.ts";
import { load } from "./load.ts";
import type { Receiver } from "./receiver.ts";
import { requests, rpcs } from "./requests.ts";
import type { Ports } from "./responder.ts";
import type { Scenario } from "./scenarios.ts";

/** One variant's turn in one round. Processor time is microseconds a request. */
export interface Turn {
  readonly proxy: number;
  readonly receiver: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

/** What runs beside the proxies, for all scenarios. */
export interface Surroundings {
  readonly ports: Ports;
  readonly sidelight: Receiver;
  readonly accessLog: Receiver;
  readonly emptyFilter: string;
}

/** Connections of the load, each from an address of its own; HTTP/2 has two requests on each. */
const CONNECTIONS = 4;
const STREAMS = 2;
/** Rounds that one Envoy serves before a fresh one does: where its memory came to lie is chance, too. */
const ROUNDS_AN_ENVOY = 3;
/** Turns before those that count, so that what is compiled on the way is compiled. */
const WARM_UPS = 2;

/** All variants of a scenario in turns. */
export async function measure(
  scenario: Scenario,
  around: Surroundings,
  say: (line: string) => void,
): Promise<Map<Variant, Turn[]>> {
  const samples = new Map<Variant, Turn[]>(scenario.variants.map((variant) => [variant, []]));
  for (let done = 0; done < scenario.rounds; done += ROUNDS_AN_ENVOY) {
    const proxy = await Proxy.start(scenario, around);
    try {
      await interleaved(scenario.variants, WARM_UPS, (variant) => proxy.turn(variant));
      const rounds = Math.min(ROUNDS_AN_ENVOY, scenario.rounds - done);
      const turns = await interleaved(scenario.variants, rounds, async (variant, round) => {
        const turn = await proxy.turn(variant);
        say(`  round ${done + round + 1}: ${variant.padEnd(24)}${describe(turn)}`);
        return turn;
      });
      for (const [variant, found] of turns) samples.get(variant)?.push(...found);
    } finally {
      await proxy.stop();
    }
  }
  return samples;
}

function describe({ proxy, receiver, perSecond, p99 }: Turn): string {
  const micros = `${proxy.toFixed(1).padStart(6)} us proxy, ${receiver.toFixed(2).padStart(6)} us receiver`;
  return `${micros}, ${perSecond.toFixed(0).padStart(6)}/s, p99 ${p99.toFixed(2)} ms`;
}

/** An Envoy with the load's connections to each variant. */
class Proxy {
  readonly #scenario: Scenario;
  readonly #around: Surroundings;
  readonly #envoy: RunningEnvoy;
  readonly #clients: ReadonlyMap<Variant, readonly Client[]>;

  private constructor(
    scenario: Scenario,
    around: Surroundings,
    parts: { envoy: RunningEnvoy; clients: ReadonlyMap<Variant, readonly Client[]> },
  ) {
    this.#scenario = scenario;
    this.#around = around;
    this.#envoy = parts.envoy;
    this.#clients = parts.clients;
  }

  static async start(scenario: Scenario, around: Surroundings): Promise<Proxy> {
    const { protocol, side, size, variants, workers } = scenario;
    const app = around.ports[`${protocol}-${size}` as keyof Ports];
    const receivers = { sidelight: around.sidelight.port, accessLog: around.accessLog.port };
    const { emptyFilter } = around;
    const bootstrap = benchBootstrap({ side, protocol, variants, emptyFilter, app, ...receivers });
    const envoy = await startEnvoy(bootstrap, { workers });
    const clients = new Map<Variant, readonly Client[]>();
    for (const variant of variants) clients.set(variant, await connectAll(scenario, envoy.port(variant)));
    return new Proxy(scenario, around, { envoy, clients });
  }

  async turn(variant: Variant): Promise<Turn> {
    const receiver = this.#receiverOf(variant);
    const total = this.#scenario.requests;
    const before = this.#times(receiver);
    const { seconds, p99 } = await load(this.#clients.get(variant) ?? [], total);
    // The last report belongs to the turn, in the proxy and in the receiver.
    await receiver?.receives(total);
    const after = this.#times(receiver);
    return {
      proxy: (after.proxy - before.proxy) / total,
      receiver: (after.receiver - before.receiver) / total,
      perSecond: total / seconds,
      p99,
    };
  }

  async stop(): Promise<void> {
    for (const client of [...this.#clients.values()].flat()) client.close();
    await this.#envoy.stop();
  }

  #times(receiver: Receiver | undefined): { proxy: number; receiver: number } {
    return { proxy: processorMicros(this.#envoy.pid), receiver: receiver ? processorMicros(receiver.pid) : 0 };
  }

  #receiverOf(variant: Variant): Receiver | undefined {
    if (variant.startsWith("Sidelight")) return this.#around.sidelight;
    return variant === "gRPC access log" ? this.#around.accessLog : undefined;
  }
}

async function connectAll({ protocol, size, side }: Scenario, port: number): Promise<Client[]> {
  const clients: Client[] = [];
  const list = protocol === "grpc" ? rpcs(side) : requests(size, side);
  for (let i = 0; i < CONNECTIONS; i++) {
    const from = `127.0.0.${i + 2}`;
    clients.push(
      protocol === "http1"
        ? await Http1Client.connect(port, from, list)
        : await Http2Client.connect(port, from, list, STREAMS),
    );
  }
  return clients;
}
