/** What may be asked of live requests: the same rules for gRPC and HTTP. */
import { Side } from "#proto/ingest.ts";
import { MAX_PATH_BYTES, MAX_TAP_MS, MAX_TAP_RATE } from "../ingest/limits.ts";
import type { TapQuestion } from "../ingest/taps.ts";
import { HttpError } from "./http-errors.ts";
import { MAX_TEXT_LENGTH } from "./queries.ts";
import type { StatusRange } from "./status-range.ts";

/** What somebody wants to see; what is empty or left out matches everything. */
export interface TapWish {
  /** "namespace/name" */
  readonly workload: string;
  readonly seconds?: number | undefined;
  /** Requests a second. */
  readonly rate?: number | undefined;
  readonly side?: string | undefined;
  readonly method?: string | undefined;
  /** What the path begins with. */
  readonly path?: string | undefined;
  readonly failed?: boolean | undefined;
  /** Milliseconds. */
  readonly minMs?: number | undefined;
  readonly status?: StatusRange | undefined;
}

const DEFAULT_SECONDS = 60;
const DEFAULT_RATE = 10;
const SIDES: Readonly<Record<string, Side>> = {
  "": Side.SIDE_UNSPECIFIED,
  inbound: Side.SIDE_INBOUND,
  outbound: Side.SIDE_OUTBOUND,
};
/** What reporters tell apart (RFC 9110 section 9.3, RFC 5789); "~other" stands for all else. */
const METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "CONNECT", "OPTIONS", "TRACE", "PATCH", "~other"];
/** Reporters cut a path where one of these begins, percent-encoded or not, so none of theirs has any. */
const NOT_IN_PATHS = /[?#;]|%(25)*(3f|23|3b)/i;
const MAX_STATUS = 999;
/** Durations are told in 32 bits of microseconds. */
const MAX_MIN_MS = 0xffff_ffff / 1000;

/** @throws HttpError 400 that says what is wrong */
export function tapQuestion(wish: TapWish): TapQuestion {
  const { workload, failed = false, minMs = 0, status } = wish;
  if (workload === "") throw wrong("workload", 'a tap needs a workload, such as "shop/orders"');
  if (workload.length > MAX_TEXT_LENGTH)
    throw wrong("workload", `no workload's name is ${workload.length} characters long`);
  const seconds = inRange("seconds", wish.seconds || DEFAULT_SECONDS, { from: 1, to: MAX_TAP_MS / 1000 });
  const perSecond = inRange("rate", wish.rate || DEFAULT_RATE, { from: 1, to: MAX_TAP_RATE });
  inRange("minMs", minMs, { from: 0, to: MAX_MIN_MS });
  return {
    workload,
    perSecond,
    durationMs: seconds * 1000,
    filter: {
      side: sideOf(wish.side ?? ""),
      method: methodOf(wish.method ?? ""),
      pathPrefix: prefixOf(wish.path ?? ""),
      onlyFailed: failed,
      minDurationMicros: Math.round(minMs * 1000),
      ...statusOf(status),
    },
  };
}

function sideOf(side: string): Side {
  const known = SIDES[side];
  if (known === undefined) throw wrong("side", `side must be inbound or outbound, not "${side.slice(0, 32)}"`);
  return known;
}

function methodOf(method: string): string {
  if (method === "" || METHODS.includes(method)) return method;
  throw wrong("method", `method must be one of ${METHODS.join(", ")}, not "${method.slice(0, 32)}"`);
}

function prefixOf(path: string): string {
  if (path === "") return "";
  if (!/^\/[!-~]*$/.test(path)) throw wrong("path", 'path must begin with "/"; what is not ASCII is percent-encoded');
  if (NOT_IN_PATHS.test(path))
    throw wrong("path", 'path is compared without query and parameters; it has no "?", "#" or ";"');
  if (path.length > MAX_PATH_BYTES) throw wrong("path", `path must not be longer than ${MAX_PATH_BYTES} bytes`);
  return path;
}

function statusOf(range: StatusRange | undefined): { hasStatus: boolean; status: number; statusTo: number } {
  if (!range) return { hasStatus: false, status: 0, statusTo: 0 };
  const from = inRange("status", range.from, { from: 0, to: MAX_STATUS });
  return { hasStatus: true, status: from, statusTo: inRange("status", range.to, { from, to: MAX_STATUS }) };
}

function inRange(field: string, value: number, { from, to }: StatusRange): number {
  if (value >= from && value <= to) return value;
  throw wrong(field, `${field} must be from ${from} to ${Math.floor(to)}, not ${value}`);
}

function wrong(field: string, message: string): HttpError {
  return new HttpError(400, `Live requests: ${message}`, { field });
}
