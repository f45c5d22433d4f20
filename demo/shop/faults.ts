/** The faults that can be switched on in the running shop. One line of this table is all that a new one needs. */
import type { ServiceName } from "./names.ts";

/** What a fault does to the requests that it hits. */
export type FaultEffect =
  /** This share of the requests, drawn by chance, is answered 500. */
  | { readonly kind: "errors"; readonly share: number }
  /** Each answer comes later by `delayMs`. */
  | { readonly kind: "slow"; readonly delayMs: number }
  /** Payment declines every order, whatever its amount. */
  | { readonly kind: "decline" }
  /** The service refuses connections. */
  | { readonly kind: "down" };

export interface Fault {
  /** A service, or a group of its endpoints. */
  readonly target: string;
  readonly fault: string;
  /** The service in which the switch sits. */
  readonly service: ServiceName;
  readonly effect: FaultEffect;
  /** What someone who looks at the map will see. */
  readonly story: string;
}

const mostFail: FaultEffect = { kind: "errors", share: 0.8 };
const slow = (delayMs: number): FaultEffect => ({ kind: "slow", delayMs });

/* prettier-ignore */
export const FAULTS: readonly Fault[] = [
  { target: "cards", fault: "errors", service: "user", effect: mostFail,
    story: "Four of five requests to user's card endpoints answer 500: orders fail, everything else of user is well." },
  { target: "cards", fault: "slow", service: "user", effect: slow(1_500),
    story: "User's card endpoints take 1.5 s longer, and orders with them." },
  { target: "addresses", fault: "slow", service: "user", effect: slow(2_500),
    story: "User's address endpoints take 2.5 s longer; no request fails, but an order takes more than 5 s." },
  { target: "addresses", fault: "errors", service: "user", effect: mostFail,
    story: "Four of five requests to user's address endpoints answer 500, and no order gets through." },
  { target: "catalogue", fault: "slow", service: "catalogue", effect: slow(1_200),
    story: "The catalogue takes 1.2 s longer: pages hang, ordering is well." },
  { target: "catalogue", fault: "errors", service: "catalogue", effect: mostFail,
    story: "The catalogue answers 500, which the front end hides behind a 200: only the edge to catalogue shows it." },
  { target: "carts", fault: "errors", service: "carts", effect: mostFail,
    story: "Carts answers 500: the front end and orders suffer from one cause." },
  { target: "payment", fault: "decline", service: "payment", effect: { kind: "decline" },
    story: "Payment declines every order with a 200: nothing is red, but orders answers 406 more than ever." },
  { target: "payment", fault: "slow", service: "payment", effect: slow(6_000),
    story: "Payment takes 6 s, orders gives up after 5: its requests to payment stay without an answer." },
  { target: "shipping", fault: "errors", service: "shipping", effect: mostFail,
    story: "Shipping answers 500, so that orders that were paid are never saved." },
  { target: "user", fault: "down", service: "user", effect: { kind: "down" },
    story: "User refuses connections: nobody can sign in or order." },
];
