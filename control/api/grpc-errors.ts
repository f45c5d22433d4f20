import { status } from "@grpc/grpc-js";
import { TooManyTaps } from "../ingest/taps.ts";
import { toHttpError } from "./http-errors.ts";

/** A refusal with a gRPC status code and a message that carries what was asked. */
export class StatsError extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message);
    this.name = "StatsError";
  }
}

const CODES: Readonly<Record<number, status>> = {
  400: status.INVALID_ARGUMENT,
  403: status.PERMISSION_DENIED,
  404: status.NOT_FOUND,
  409: status.FAILED_PRECONDITION,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** The refusal that an error means, in the terms of gRPC; undefined for what is control's own fault. */
export function toStatsError(error: unknown): StatsError | undefined {
  if (error instanceof StatsError) return error;
  if (error instanceof TooManyTaps) return new StatsError(status.RESOURCE_EXHAUSTED, error.message);
  const { status: httpStatus, message } = toHttpError(error);
  const code = CODES[httpStatus];
  return code === undefined ? undefined : new StatsError(code, message);
}
