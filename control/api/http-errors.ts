import type { Context } from "hono";
import { TooManyTaps } from "../ingest/taps.ts";
import { StoreAwayError, StoreInputError } from "../store/errors.ts";
import { TooManyPaths } from "../world/paths.ts";
import { TooMuchWork } from "../world/pattern.ts";
import { TooManyBacktests } from "./backtests.ts";
import { TooManySubscribers } from "./feed.ts";
import { TooManyWatches } from "./too-many-watches.ts";

type ErrorStatus = 400 | 403 | 404 | 405 | 409 | 410 | 413 | 415 | 422 | 500 | 503 | 504;

/** An answer other than the one asked for: its status, a message for people, and the parameter at fault, if it is one. */
export class HttpError extends Error {
  readonly status: ErrorStatus;
  readonly field: string | undefined;

  constructor(status: ErrorStatus, message: string, options: { field?: string; cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    this.name = "HttpError";
    this.status = status;
    this.field = options.field;
  }

  /** Whether the same request may well succeed a moment later. */
  get isTemporary(): boolean {
    return this.status === 503 || this.status === 504;
  }
}

/** That all places of a kind are taken. */
const ALL_TAKEN = [TooManySubscribers, TooManyTaps, TooManyWatches, TooManyBacktests];

/** The error as the API states it. What was not foreseen says no more than that; its cause belongs in the log. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) return error;
  if (error instanceof StoreAwayError) {
    const message = "History cannot be read now: its database does not answer as it should. Control's log says why";
    return new HttpError(503, message, { cause: error });
  }
  if (error instanceof StoreInputError) return new HttpError(400, error.message, { field: error.field, cause: error });
  if (error instanceof TooMuchWork || error instanceof TooManyPaths)
    return new HttpError(422, error.message, { cause: error });
  if (ALL_TAKEN.some((kind) => error instanceof kind))
    return new HttpError(503, (error as Error).message, { cause: error });
  return new HttpError(500, "Control failed to answer this request; its log says why", { cause: error });
}

/** Writes `{"error": {"message", "field"}}` with a fitting status. */
export function answerError(context: Context, error: HttpError): Response {
  if (error.isTemporary) context.header("Retry-After", "2");
  context.header("Cache-Control", "no-store");
  const { message, field } = error;
  return context.json({ error: field === undefined ? { message } : { message, field } }, error.status);
}
