import { type handleUnaryCall, type Metadata, status } from "@grpc/grpc-js";
import { detailsOf, toStatsError } from "./grpc-errors.ts";

/** What a caller is told instead of an answer. */
export interface GrpcRefusal {
  readonly code: status;
  readonly details: string;
  readonly metadata?: Metadata;
}

/** A service, and who is told of failures that are control's own. */
export interface GrpcOwner {
  /** "Stats" */
  readonly service: string;
  readonly onError: (error: Error) => void;
}

/** What a failure means to the caller; of what is control's own fault no more than that, the rest goes to `onError`. */
export function refusalOf(
  { service, onError }: GrpcOwner,
  { name, request }: { readonly name: string; readonly request: unknown },
  cause: unknown,
): GrpcRefusal {
  const refusal = toStatsError(cause);
  if (refusal) return { code: refusal.code, details: refusal.message, metadata: detailsOf(refusal) };
  onError(new Error(`Answering ${service}.${name} ${JSON.stringify(request)}`, { cause }));
  return { code: status.INTERNAL, details: `${name} failed; control's log says why` };
}

/** Handles calls that get one answer. `signal` is aborted when the caller is gone. */
export function reading<Request, Response>(
  owner: GrpcOwner,
  name: string,
  ask: (request: Request, signal: AbortSignal) => Promise<Response>,
): handleUnaryCall<Request, Response> {
  return (call, callback) => {
    // A call that was cancelled or ran out of time on its way here is not worth computing.
    if (call.cancelled) return;
    const gone = new AbortController();
    call.once("cancelled", () => gone.abort());
    const { request } = call;
    ask(request, gone.signal).then(
      (response) => callback(null, response),
      (cause: unknown) => callback(refusalOf(owner, { name, request }, cause)),
    );
  };
}
