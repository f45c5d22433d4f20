/** Who comes to the shop. No customer is in the shop twice at a time: two visits would share one cart. */
import { FIRST_CUSTOMERS, firstCustomerLogin } from "../shop/services/user/first-customers.ts";

export interface Login {
  readonly username: string;
  readonly password: string;
}

/** Those whom the shop opens with, but for the first: as that one, people sign in who look at the shop in a browser. */
const RETURNING = FIRST_CUSTOMERS - 1;
/** Customers that are remembered; of those that register beyond, the shop knows and the load does not. */
const MAX_KNOWN = 500;

export class Customers {
  readonly #away: Login[] = Array.from({ length: RETURNING }, (_, index) => firstCustomerLogin(index + 1));
  #known = RETURNING;
  #registered = 0;
  readonly #prefix: string;

  /** `prefix` keeps the user names of this run apart from those of earlier ones. */
  constructor(prefix: string) {
    this.#prefix = prefix;
  }

  /** A customer who was here before, the longest absent first; undefined while all are in the shop. */
  returning(): Login | undefined {
    return this.#away.shift();
  }

  /** Somebody whom the shop does not know yet. */
  newcomer(): Login {
    const number = ++this.#registered;
    return { username: `${this.#prefix}-${number}`, password: `sock-${number}` };
  }

  /** A returning customer has left the shop. */
  left(login: Login): void {
    this.#away.push(login);
  }

  /** A newcomer has left as a registered customer, and may come back. */
  joined(login: Login): void {
    if (this.#known >= MAX_KNOWN) return;
    this.#known += 1;
    this.#away.push(login);
  }
}
