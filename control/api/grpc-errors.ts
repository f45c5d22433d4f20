import { BinaryWriter } from "@bufbuild/protobuf/wire";
import { Metadata, status } from "@grpc/grpc-js";
import { TooManyTaps } from "../ingest/taps.ts";
import { TooManyBacktests } from "./backtests.ts";
import { toHttpError } from "./http-errors.ts";
import { TooManyWatches } from "./too-many-watches.ts";

/** A refusal with a gRPC status code and a message that carries what was asked. */
export class StatsError extends Error {
  /** @param field the path of the field at fault, if it is one */
  constructor(
    readonly code: status,
    message: string,
    readonly field?: string,
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
  410: status.ABORTED,
  413: status.RESOURCE_EXHAUSTED,
  422: status.RESOURCE_EXHAUSTED,
  503: status.UNAVAILABLE,
  504: status.DEADLINE_EXCEEDED,
};

/** The refusal that an error means, in the terms of gRPC; undefined for what is control's own fault. */
export function toStatsError(error: unknown): StatsError | undefined {
  if (error instanceof StatsError) return error;
  if ([TooManyTaps, TooManyWatches, TooManyBacktests].some((kind) => error instanceof kind))
    return new StatsError(status.RESOURCE_EXHAUSTED, (error as Error).message);
  const { status: httpStatus, message, field } = toHttpError(error);
  const code = CODES[httpStatus];
  return code === undefined ? undefined : new StatsError(code, message, field);
}

/** What goes with a refusal: for programs, the field at fault. */
export function detailsOf({ code, message, field }: StatsError): Metadata {
  const metadata = new Metadata();
  if (code === status.INVALID_ARGUMENT && field !== undefined) {
    metadata.set("grpc-status-details-bin", badRequest(message, field));
  }
  return metadata;
}

/**
 * A google.rpc.Status that holds a google.rpc.BadRequest, the form in which gRPC's libraries look for more than a
 * message (https://github.com/googleapis/googleapis, google/rpc/status.proto and error_details.proto).
 */
function badRequest(message: string, field: string): Buffer {
  const bytes = 2;
  const violation = new BinaryWriter().tag(1, bytes).string(field).tag(2, bytes).string(message).finish();
  const details = new BinaryWriter().tag(1, bytes).bytes(violation).finish();
  const any = new BinaryWriter().tag(1, bytes).string("type.googleapis.com/google.rpc.BadRequest").tag(2, bytes);
  const code = new BinaryWriter().tag(1, 0).int32(status.INVALID_ARGUMENT).tag(2, bytes).string(message);
  return Buffer.from(code.tag(3, bytes).bytes(any.bytes(details).finish()).finish());
}
