/** A shopper's way through the shop: nine requests as in the original's load test, and now and then some more. */

/** What a step asks for. The shopper's cookies come on top. */
export interface StepRequest {
  readonly method: "GET" | "POST" | "DELETE";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: object;
}

/** What a shopper knows when a step is taken. */
export interface Knowledge {
  readonly username: string;
  readonly password: string;
  /** The sock that the shopper has an eye on. */
  readonly sockId: string;
  readonly dearestSockId: string;
}

export type Step = (know: Knowledge) => StepRequest;

/** Shows all socks, and so what there is to pick from. */
export const CATALOGUE_PATH = "/catalogue?size=100";

/** Chances of the detours, per journey. */
export const CHANCES = {
  newcomer: 0.08,
  browseTags: 0.15,
  lookAtPictures: 0.2,
  checkAccount: 0.25,
  lookIntoCart: 0.3,
  seeOrders: 0.1,
  /** Two pairs of the dearest sock: payment will decline. */
  extravagance: 0.02,
} as const;

const get =
  (path: string): Step =>
  () => ({ method: "GET", path });

const signIn: Step = ({ username, password }) => {
  const authorization = `Basic ${Buffer.from(`${username}:${password}`).toString("base64")}`;
  return { method: "GET", path: "/login", headers: { authorization } };
};

/* prettier-ignore */
const register: readonly Step[] = [
  ({ username, password }) => ({ method: "POST", path: "/register",
    body: { username, password, firstName: "New", lastName: "Comer", email: `${username}@shop.example` } }),
  () => ({ method: "POST", path: "/addresses",
    body: { street: "Spool Street", number: "7", city: "Arnhem", postcode: "6811", country: "Netherlands" } }),
  () => ({ method: "POST", path: "/cards", body: { longNum: "5500000000005555", expires: "01/30", ccv: "123" } }),
];

const pictures: readonly Step[] = [
  ({ sockId }) => ({ method: "GET", path: `/catalogue/${sockId}` }),
  ({ sockId }) => ({ method: "GET", path: `/catalogue/images/${sockId}.svg` }),
];

const fillCart: Step = ({ sockId }) => ({ method: "POST", path: "/cart", body: { id: sockId } });

const splurge: Step = ({ dearestSockId }) => ({
  method: "POST",
  path: "/cart/update",
  body: { id: dearestSockId, quantity: 2 },
});

export interface Journey {
  readonly isNewcomer: boolean;
  readonly steps: readonly Step[];
}

/** `chance` draws numbers from 0 (included) to 1 (excluded). A newcomer is also who has to be: no customer is away. */
export function planJourney(chance: () => number, mustBeNewcomer: boolean): Journey {
  const isNewcomer = chance() < CHANCES.newcomer || mustBeNewcomer;
  const maybe = (likelihood: number, ...steps: readonly Step[]) => (chance() < likelihood ? steps : []);
  const steps = [
    get(CATALOGUE_PATH),
    get("/"),
    ...(isNewcomer ? register : [signIn]),
    get("/category.html"),
    ...maybe(CHANCES.browseTags, get("/tags"), get("/catalogue?tags=blue,warm"), get("/catalogue/size?tags=blue,warm")),
    ({ sockId }: Knowledge): StepRequest => ({ method: "GET", path: `/detail.html?id=${sockId}` }),
    ...maybe(CHANCES.lookAtPictures, ...pictures),
    (): StepRequest => ({ method: "DELETE", path: "/cart" }),
    fillCart,
    ...maybe(CHANCES.extravagance, splurge),
    get("/basket.html"),
    ...maybe(CHANCES.lookIntoCart, get("/cart")),
    ...maybe(CHANCES.checkAccount, get("/card"), get("/address")),
    (): StepRequest => ({ method: "POST", path: "/orders" }),
    ...maybe(CHANCES.seeOrders, get("/orders")),
  ];
  return { isNewcomer, steps };
}
