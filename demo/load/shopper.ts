/** One visit: takes the steps of a journey one after the other, with the cookies that it was given. */
import type { Answer } from "../shop/http-exchange.ts";
import type { Login } from "./customers.ts";
import { CATALOGUE_PATH } from "./journey.ts";
import type { Journey, StepRequest } from "./journey.ts";
import type { Shelf } from "./shelf.ts";

const MAX_COOKIES = 20;

export interface ShopperRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
}

export class Shopper {
  readonly login: Login;
  readonly isNewcomer: boolean;
  readonly #shelf: Shelf;
  readonly #steps: Journey["steps"];
  /** What this shopper would like, from 0 (cheap) to 1 (dear). */
  readonly #taste: number;
  readonly #cookies = new Map<string, string>();
  #taken = 0;
  #hasOrdered = false;

  constructor(login: Login, journey: Journey, { shelf, taste }: { shelf: Shelf; taste: number }) {
    this.login = login;
    this.isNewcomer = journey.isNewcomer;
    this.#steps = journey.steps;
    this.#shelf = shelf;
    this.#taste = taste;
  }

  get isDone(): boolean {
    return this.#taken >= this.#steps.length;
  }

  /** Whether the shop took an order, so that all that it knows of the customer is complete. */
  get hasOrdered(): boolean {
    return this.#hasOrdered;
  }

  /** The next request of the visit; undefined when it is over. */
  next(): ShopperRequest | undefined {
    const step = this.#steps[this.#taken];
    if (!step) return undefined;
    this.#taken += 1;
    const know = { ...this.login, sockId: this.#shelf.pick(this.#taste), dearestSockId: this.#shelf.dearest };
    return this.#dress(step(know));
  }

  /** Takes in what came back; undefined when nothing did. Who cannot sign in leaves. */
  learn({ method, path }: ShopperRequest, answer: Answer | undefined): void {
    const isSuccess = answer !== undefined && answer.status < 300;
    if (!isSuccess && (path === "/login" || path === "/register")) this.#taken = this.#steps.length;
    if (!answer) return;
    this.#keepCookies(answer.headers["set-cookie"] ?? []);
    if (isSuccess && path === CATALOGUE_PATH) this.#shelf.restock(answer.body);
    if (isSuccess && method === "POST" && path === "/orders") this.#hasOrdered = true;
  }

  #keepCookies(lines: readonly string[]): void {
    for (const line of lines) {
      const match = /^([^=;\s]+)=([^;]*)/.exec(line);
      if (match?.[1] === undefined || this.#cookies.size >= MAX_COOKIES) continue;
      this.#cookies.set(match[1], match[2] ?? "");
    }
  }

  #dress({ method, path, headers = {}, body }: StepRequest): ShopperRequest {
    const all: Record<string, string> = { ...headers };
    if (this.#cookies.size > 0)
      all["cookie"] = [...this.#cookies].map(([name, value]) => `${name}=${value}`).join("; ");
    if (body === undefined) return { method, path, headers: all };
    return { method, path, headers: { ...all, "content-type": "application/json" }, body: JSON.stringify(body) };
  }
}
