/**
 * One scenario, measured. A round is a fresh Envoy, since where its memory comes to lie is chance, too: it is warmed up,
 * serves many short slices of each variant in turn, and then one long turn of each.
 */
import { availableParallelism } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";

import type { RunningEnvoy } from "../../tests/envoy.ts";
import { startEnvoy } from "../../tests/envoy.ts";
import { busyMicros, processorMicros } from "../processor-time.ts";
import { interleaved, rotated } from "../rounds.ts";
import { benchBootstrap } from "./bootstrap.ts";
import { Http1Client } from "./http1.ts";
import { Http2Client } from "./http2.ts";
import type { Client } from "./load.ts";
import { load } from "./load.ts";
import { requests, rpcs } from "./requests.ts";
import type { Ports } from "./responder.ts";
import type { Scenario } from "./scenarios.ts";
import type { Surroundings } from "./surroundings.ts";
import type { Variant } from "./variants.ts";

/** What one round found of one variant. Processor time is microseconds a request. */
export interface Round {
  /** The proxy's, slice by slice; where there are none, that of the long turn. */
  readonly slices: readonly number[];
  /** Of the long turn: the proxy's after the last answer, until its last report had come in. */
  readonly report: number;
  readonly receiver: number;
  readonly perSecond: number;
  /** Milliseconds. */
  readonly p99: number;
}

export interface Measured {
  readonly rounds: ReadonlyMap<Variant, readonly Round[]>;
  /** Of each round, the share of the machine's processors that went to others, 0 to 1. */
  readonly foreign: readonly number[];
}

/** One round. */
interface Found {
  readonly rounds: ReadonlyMap<Variant, Round>;
  readonly foreign: number;
}

/** A round counts as quiet while others have no more than this share of the machine's processors. */
const QUIET = 0.1;
/** Where too few rounds are quiet: how many times the scenario's rounds are run at the most. */
const MOST_ROUNDS = 1.5;

/** Connections of the load, each from an address of its own; HTTP/2 has two requests on each. */
const CONNECTIONS = 4;
const STREAMS = 2;
/** From the last answer until Envoy is done with its request: the log comes after the answer. Milliseconds. */
const SETTLE_MS = 2;

/** All variants of a scenario in turns. Rounds that others disturbed are run again, and the quietest are kept. */
export async function measure(
  scenario: Scenario,
  around: Surroundings,
  say: (line: string) => void,
): Promise<Measured> {
  const done: Found[] = [];
  const most = Math.ceil(scenario.rounds * MOST_ROUNDS);
  const isEnough = (): boolean => done.filter(({ foreign }) => foreign <= QUIET).length >= scenario.rounds;
  while (done.length < most && !isEnough()) {
    const proxy = await Proxy.start(scenario, around);
    try {
      const found = await proxy.round(done.length);
      done.push(found);
      const isQuiet = found.foreign <= QUIET;
      say(
        `  round ${done.length}: ${percent(found.foreign)} of the processors went to others${isQuiet ? "" : ", too much"}`,
      );
      for (const [variant, round] of found.rounds) say(`    ${variant.padEnd(36)}${describe(round)}`);
    } finally {
      await proxy.stop();
    }
  }
  const quietest = done.sort((a, b) => a.foreign - b.foreign).slice(0, scenario.rounds);
  const roundsOf = (variant: Variant): Round[] => quietest.flatMap(({ rounds }) => rounds.get(variant) ?? []);
  return {
    rounds: new Map(scenario.variants.map((variant) => [variant, roundsOf(variant)])),
    foreign: quietest.map(({ foreign }) => foreign),
  };
}

function describe({ slices, receiver, perSecond, p99 }: Round): string {
  const mean = slices.reduce((sum, value) => sum + value, 0) / slices.length;
  const micros = `${mean.toFixed(1).padStart(6)} us proxy, ${receiver.toFixed(2).padStart(6)} us receiver`;
  return `${micros}, ${perSecond.toFixed(0).padStart(6)}/s, p99 ${p99.toFixed(2)} ms`;
}

function percent(share: number): string {
  return `${Math.max(0, share * 100).toFixed(0)} %`;
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
    const { emptyFilter, receiverPorts: receivers } = around;
    const bootstrap = benchBootstrap({ side, protocol, variants, emptyFilter, app, receivers });
    const envoy = await startEnvoy(bootstrap, { workers });
    const clients = new Map<Variant, readonly Client[]>();
    for (const variant of variants) clients.set(variant, await connectAll(scenario, envoy.port(variant)));
    return new Proxy(scenario, around, { envoy, clients });
  }

  async round(number: number): Promise<Found> {
    const variants = rotated(this.#scenario.variants, number);
    const { warmUp, slices, sliceRequests, turnRequests } = this.#scenario;
    for (const variant of variants) await this.#load(variant, { requests: warmUp });
    await this.#around.allArrived();

    const before = this.#machine();
    const micros = await interleaved(variants, slices, (variant) => this.#slice(variant, sliceRequests));
    await this.#around.allArrived();

    const rounds = new Map<Variant, Round>();
    for (const variant of variants) {
      const { proxy, ...turn } = await this.#turn(variant, turnRequests);
      rounds.set(variant, { slices: slices > 0 ? (micros.get(variant) ?? []) : [proxy], ...turn });
    }
    const after = this.#machine();
    const passed = (after.nowMs - before.nowMs) * 1000 * availableParallelism();
    return { rounds, foreign: (after.busy - before.busy - (after.own - before.own)) / passed };
  }

  async stop(): Promise<void> {
    for (const client of [...this.#clients.values()].flat()) client.close();
    await this.#envoy.stop();
  }

  /** The proxy's microseconds a request. Reports that fall into a slice are another's as likely as its own. */
  async #slice(variant: Variant, total: number): Promise<number> {
    const before = processorMicros(this.#envoy.pid);
    await this.#load(variant, { requests: total, rate: this.#scenario.rate });
    return (processorMicros(this.#envoy.pid) - before) / total;
  }

  /** A turn ends when the receiver has all of its requests, so that the last report is in it. */
  async #turn(variant: Variant, total: number): Promise<Omit<Round, "slices"> & { readonly proxy: number }> {
    const receiver = this.#around.receiverOf(variant);
    const received = (): number => (receiver ? processorMicros(receiver.pid) : 0);
    const before = received();
    const start = processorMicros(this.#envoy.pid);
    const { seconds, p99 } = await this.#load(variant, { requests: total, rate: this.#scenario.rate });
    const answered = processorMicros(this.#envoy.pid);
    await receiver?.arrived();
    return {
      proxy: (answered - start) / total,
      report: receiver ? (processorMicros(this.#envoy.pid) - answered) / total : 0,
      receiver: (received() - before) / total,
      perSecond: total / seconds,
      p99,
    };
  }

  async #load(variant: Variant, options: Parameters<typeof load>[1]): ReturnType<typeof load> {
    this.#around.receiverOf(variant)?.expect(options.requests);
    const result = await load(this.#clients.get(variant) ?? [], options);
    await sleep(SETTLE_MS);
    return result;
  }

  /** The machine's processor time, and of it what the benchmark's own processes had. */
  #machine(): { nowMs: number; busy: number; own: number } {
    const own = [process.pid, this.#envoy.pid, ...this.#around.pids].map(processorMicros);
    return { nowMs: performance.now(), busy: busyMicros(), own: own.reduce((sum, micros) => sum + micros) };
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
