/** The shoppers: as many requests as the clock says, spread over visits that go on side by side. */
import { randomBytes } from "node:crypto";
import { Agent } from "node:http";
import { ExchangeError, exchange } from "../shop/http-exchange.ts";
import type { LoadConfig } from "./config.ts";
import { Customers } from "./customers.ts";
import type { Login } from "./customers.ts";
import { planJourney } from "./journey.ts";
import type { Journey } from "./journey.ts";
import { Measures } from "./measures.ts";
import { Pacer } from "./pacer.ts";
import { Shelf } from "./shelf.ts";
import { Shopper } from "./shopper.ts";
import type { ShopperRequest } from "./shopper.ts";

const TICK_MS = 10;
const MARK_MS = 100;
/** Shoppers in the shop at a time; with all of them waiting, requests that fall due are skipped. */
const MAX_SHOPPERS = 512;
/** A shopper waits this long between an answer and being ready for the next request. */
const THINK_MS = { min: 100, max: 500 };
/** Longer than anything in the shop takes, so that the shop gives up first. */
const TIMEOUT_MS = 30_000;

export class Load {
  readonly measures = new Measures();
  readonly #config: LoadConfig;
  readonly #agent: Agent;
  readonly #pacer: Pacer;
  readonly #customers = new Customers(`shopper-${randomBytes(3).toString("hex")}`);
  readonly #shelf = new Shelf();
  /** Visitors who would make their next request now, the longest waiting first. */
  readonly #ready: Shopper[] = [];
  readonly #thinking = new Set<NodeJS.Timeout>();
  #shoppers = 0;
  #timers: NodeJS.Timeout[] = [];
  #stopped = false;

  constructor(config: LoadConfig) {
    this.#config = config;
    const from = config.bind === undefined ? {} : { localAddress: config.bind };
    this.#agent = new Agent({ keepAlive: true, maxSockets: MAX_SHOPPERS, ...from });
    this.#pacer = new Pacer(config.rate, performance.now());
  }

  start(): void {
    this.measures.mark(Date.now());
    this.#timers = [
      setInterval(() => this.#tick(), TICK_MS),
      setInterval(() => this.measures.mark(Date.now()), MARK_MS),
    ];
  }

  get isStopped(): boolean {
    return this.#stopped;
  }

  /** Requests a second at this moment. */
  get rate(): number {
    return this.#stopped ? 0 : this.#pacer.rateAt(performance.now());
  }

  setRate(rate: number): void {
    this.#pacer.setRate(rate, performance.now());
  }

  spike(factor: number, seconds: number): void {
    this.#pacer.spike(factor, seconds, performance.now());
  }

  /** Sends nothing more, and waits until everything under way has ended. */
  async stop(): Promise<void> {
    this.#stopped = true;
    for (const timer of this.#timers) clearInterval(timer);
    for (const timer of this.#thinking) clearTimeout(timer);
    while (this.measures.inFlight > 0) await new Promise((resolve) => setTimeout(resolve, 10));
    this.measures.mark(Date.now());
    this.#agent.destroy();
  }

  #tick(): void {
    const { due, missed } = this.#pacer.take(performance.now());
    this.measures.skipped(missed);
    for (let i = 0; i < due; i++) {
      const shopper = this.#ready.shift() ?? this.#enter();
      const request = shopper?.next();
      if (shopper && request) void this.#send(shopper, request);
      else this.measures.skipped(1);
    }
  }

  /** Lets somebody into the shop, unless it is full. */
  #enter(): Shopper | undefined {
    if (this.#shoppers >= MAX_SHOPPERS) return undefined;
    this.#shoppers += 1;
    const returning = this.#customers.returning();
    const journey = planJourney(Math.random, returning === undefined);
    if (!journey.isNewcomer && returning) return this.#shopper(returning, journey);
    if (returning) this.#customers.left(returning);
    return this.#shopper(this.#customers.newcomer(), journey);
  }

  #shopper(login: Login, journey: Journey): Shopper {
    return new Shopper(login, journey, { shelf: this.#shelf, taste: Math.random() });
  }

  async #send(shopper: Shopper, request: ShopperRequest): Promise<void> {
    const { host, port } = this.#config.target;
    const headers = { ...request.headers, host: `${host}:${port}` };
    const startMs = performance.now();
    this.measures.started();
    try {
      const answer = await exchange({ ...request, headers, host, port, agent: this.#agent, timeoutMs: TIMEOUT_MS });
      this.measures.answered(answer.status, performance.now() - startMs);
      shopper.learn(request, answer);
    } catch (error) {
      shopper.learn(request, undefined);
      this.measures.failed(error instanceof ExchangeError ? error.fate : "unsent");
    }
    this.#think(shopper);
  }

  #think(shopper: Shopper): void {
    if (shopper.isDone) {
      this.#shoppers -= 1;
      if (!shopper.isNewcomer) this.#customers.left(shopper.login);
      else if (shopper.hasOrdered) this.#customers.joined(shopper.login);
      return;
    }
    if (this.#stopped) return;
    const waitMs = THINK_MS.min + Math.random() * (THINK_MS.max - THINK_MS.min);
    const timer = setTimeout(() => {
      this.#thinking.delete(timer);
      this.#ready.push(shopper);
    }, waitMs);
    this.#thinking.add(timer);
  }
}
