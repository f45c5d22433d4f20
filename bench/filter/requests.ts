/** What is sent in the benchmark: requests as services send them, the same in every round. */

export type Size = "small" | "large";
export type Side = "inbound" | "outbound";

export interface Request {
  readonly method: string;
  readonly path: string;
  readonly authority: string;
  /** Names in lower case. */
  readonly headers: readonly (readonly [string, string])[];
}

/** Different requests that take turns. */
const DISTINCT = 256;
/** Bytes that a large request's cookie and claims bring its headers to, about. */
const LARGE_HEADERS = 2048;

/** Bytes of a response's body. */
export const BODY_BYTES: Readonly<Record<Size, number>> = { small: 300, large: 64 * 1024 };

/** Every so many answers of the responder, one has this status (gRPC: grpc-status 5 NOT_FOUND and 13 INTERNAL). */
export const NOT_FOUND_EVERY = 50;
export const FAILURE_EVERY = 100;

/** The services that outbound requests go to, each an Envoy cluster of its own. */
export const SERVICES = ["catalogue", "orders", "payment", "user"] as const;

/** The one RPC's path. */
export const RPC_PATH = "/shop.v1.Payment/Authorise";

const TEMPLATES = [
  "GET /",
  "GET /catalogue",
  "GET /catalogue/{uuid}",
  "GET /customers/{n}",
  "GET /customers/{n}/addresses",
  "GET /orders?customer={n}&sort=date",
  "GET /orders/{n}",
  "DELETE /orders/{n}",
  "GET /carts/{uuid}/items",
  "DELETE /carts/{uuid}/items/{n}",
  "GET /tags",
  "GET /health",
];

/** The requests of a round, to be sent one after the other and from the start again. */
export function requests(size: Size, side: Side): Request[] {
  return Array.from({ length: DISTINCT }, (_, index) => {
    const [method = "", template = ""] = (TEMPLATES[index % TEMPLATES.length] ?? "").split(" ");
    const path = template.replaceAll("{n}", String(100_000 + index * 7)).replaceAll("{uuid}", uuid(index));
    const service = side === "outbound" ? (SERVICES[index % SERVICES.length] ?? "") : "shop";
    return { method, path, authority: `${service}.example`, headers: headers(index, size) };
  });
}

/** The same as RPCs: one method, as generated clients call it. */
export function rpcs(side: Side): Request[] {
  return requests("small", side).map((request) => ({
    ...request,
    method: "POST",
    path: RPC_PATH,
    headers: [["te", "trailers"], ["content-type", "application/grpc"], ...request.headers],
  }));
}

/** With method, path and authority these make thirteen. */
function headers(index: number, size: Size): [string, string][] {
  const small: [string, string][] = [
    ["user-agent", "shop-front/2.14.0 (linux; node 20.19)"],
    ["accept", "application/json"],
    ["accept-encoding", "gzip, deflate, br"],
    ["authorization", `Bearer ${letters(index, 120)}`],
    ["x-request-id", uuid(index + 1000)],
    ["traceparent", `00-${uuid(index + 2000).replaceAll("-", "")}-${uuid(index).slice(0, 8)}00000001-01`],
    ["x-forwarded-proto", "http"],
    ["x-tenant", "blue"],
    ["accept-language", "en-GB,en;q=0.8"],
    ["cache-control", "no-cache"],
  ];
  if (size === "small") return small;
  const bytes = small.reduce((total, [name, value]) => total + name.length + value.length + 4, 0);
  return [...small, ["cookie", `session=${letters(index, LARGE_HEADERS - bytes)}`]];
}

function uuid(index: number): string {
  const digits = (index * 2_654_435_761).toString(16).padStart(12, "0").slice(-12);
  return `7c9e6679-7425-40de-944b-${digits}`;
}

/** Text as of a token. */
function letters(index: number, length: number): string {
  const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  return Array.from({ length }, (_, at) => alphabet[(index * 31 + at * 17) % alphabet.length]).join("");
}
