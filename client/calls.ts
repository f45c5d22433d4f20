import { Client, credentials, Metadata, status } from "@grpc/grpc-js";
import type { ChannelCredentials, ServiceError } from "@grpc/grpc-js";
import { fieldAtFault } from "./bad-request.ts";
import { SidelightError } from "./sidelight-error.ts";

export interface ClientOptions {
  /** How long a single answer may take where a call says nothing else, milliseconds: 10,000 by default. */
  readonly timeoutMs?: number | undefined;
  /** For what stands in front of control: `credentials.createSsl()` of @grpc/grpc-js. Without TLS by default. */
  readonly credentials?: ChannelCredentials | undefined;
}

export interface CallOptions {
  /** Aborting it cancels the call; control then stops working on it. */
  readonly signal?: AbortSignal | undefined;
  /**
   * How long a single answer may take, milliseconds. Of answers that keep coming (a tap, a watch): how long they may in
   * all; without a limit, where left out.
   */
  readonly timeoutMs?: number | undefined;
}

/** A method of the contract, as the generated code describes it. */
export interface Method<Request, Response> {
  /** "/sidelight.v1.Stats/ListWorkloads" */
  readonly path: string;
  readonly requestSerialize: (request: Request) => Buffer;
  readonly responseDeserialize: (bytes: Buffer) => Response;
}

const DEFAULT_TIMEOUT_MS = 10_000;
/** A topology of some thousand edges is a few MB. */
const MAX_MESSAGE_BYTES = 64 * 1024 * 1024;
const NO_METADATA = new Metadata();

/** One connection to control's gRPC API; every failure comes as a SidelightError. */
export class Calls {
  readonly address: string;
  readonly #client: Client;
  readonly #timeoutMs: number;

  /** @param address "host:port" */
  constructor(address: string, options: ClientOptions = {}) {
    if (!/^(\[[0-9a-f:.]+\]|[^\s:/]+):\d{1,5}$/i.test(address)) {
      throw new SidelightError({
        ...{ code: status.INVALID_ARGUMENT, service: "", method: "", address, field: "address" },
        details: `"${address}" is no gRPC address; it looks like 127.0.0.1:9400 or control.sidelight:9400`,
      });
    }
    this.address = address;
    this.#timeoutMs = options.timeoutMs ?? DEFAULT_TIMEOUT_MS;
    this.#client = new Client(address, options.credentials ?? credentials.createInsecure(), {
      "grpc.max_receive_message_length": MAX_MESSAGE_BYTES,
      // Control is in the cluster or on this machine; a proxy for the web cannot reach it.
      "grpc.enable_http_proxy": 0,
      // A connection that died without a word is noticed while something is asked over it.
      "grpc.keepalive_time_ms": 20_000,
      "grpc.keepalive_timeout_ms": 10_000,
      // How often it is tried is for the caller to say; two minutes, the default, would hide a control that is back.
      "grpc.initial_reconnect_backoff_ms": 200,
      "grpc.max_reconnect_backoff_ms": 2_000,
    });
  }

  /** Asks for one answer. */
  ask<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { signal, timeoutMs = this.#timeoutMs }: CallOptions = {},
  ): Promise<Response> {
    return new Promise((resolve, reject) => {
      const { path, requestSerialize, responseDeserialize } = method;
      const options = { deadline: Date.now() + timeoutMs };
      const done = (error: ServiceError | null, response?: Response): void => {
        signal?.removeEventListener("abort", cancel);
        if (error) reject(this.#explain(path, error, { signal, timeoutMs }));
        else resolve(response as Response);
      };
      const call = this.#client.makeUnaryRequest(
        ...([path, requestSerialize, responseDeserialize, request, NO_METADATA, options, done] as const),
      );
      const cancel = (): void => call.cancel();
      signal?.addEventListener("abort", cancel, { once: true });
      if (signal?.aborted) cancel();
    });
  }

  /** Answers that keep coming. When the signal is aborted they end without an error; leaving the loop cancels them too. */
  async *listen<Request, Response>(
    method: Method<Request, Response>,
    request: Request,
    { signal, timeoutMs }: CallOptions = {},
  ): AsyncGenerator<Response, void, undefined> {
    if (signal?.aborted) return;
    const { path, requestSerialize, responseDeserialize } = method;
    const options = timeoutMs === undefined ? {} : { deadline: Date.now() + timeoutMs };
    const call = this.#client.makeServerStreamRequest(
      ...([path, requestSerialize, responseDeserialize, request, NO_METADATA, options] as const),
    );
    const cancel = (): void => call.cancel();
    signal?.addEventListener("abort", cancel, { once: true });
    let isCut = false;
    try {
      for await (const answer of call as AsyncIterable<Response>) {
        isCut = true;
        yield answer;
      }
    } catch (error) {
      if (!signal?.aborted) throw this.#explain(path, error as ServiceError, { timeoutMs, isCut });
    } finally {
      signal?.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  /** That answers ended before what was asked for came. */
  ended({ path }: { readonly path: string }, { signal }: CallOptions): SidelightError {
    const [code, details] = signal?.aborted
      ? ([status.CANCELLED, "called off"] as const)
      : ([status.UNAVAILABLE, "the answer ended before its result"] as const);
    return new SidelightError({ code, ...methodOf(path), address: this.address, details, field: undefined });
  }

  close(): void {
    this.#client.close();
  }

  #explain(
    path: string,
    cause: ServiceError,
    { signal, timeoutMs, isCut = false }: CallOptions & { readonly isCut?: boolean },
  ): SidelightError {
    // What was cancelled by nobody here was by the other end, as it went.
    const isGone = cause.code === status.CANCELLED && !signal?.aborted;
    const isLate = cause.code === status.DEADLINE_EXCEEDED && LOCAL_DEADLINE.test(cause.details);
    return new SidelightError({
      code: isGone ? status.UNAVAILABLE : cause.code,
      ...methodOf(path),
      address: this.address,
      details: isLate ? `no answer within ${(timeoutMs ?? 0) / 1000} s` : plainReason(cause.details),
      // grpc-js leaves it out where the call never began.
      field: (cause.metadata as Metadata | undefined) && fieldAtFault(cause.metadata),
      isCut,
      cause,
    });
  }
}

/** Of "/sidelight.v1.Stats/ListWorkloads" the two names. */
function methodOf(path: string): { service: string; method: string } {
  const [, service = "", method = ""] = /(\w+)\/(\w+)$/.exec(path) ?? [];
  return { service, method };
}

/** What grpc-js says of a deadline that passed here, not at control. */
const LOCAL_DEADLINE = /^Deadline exceeded/;

/** What grpc-js wraps around the system's own words says nothing to the user. */
function plainReason(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (Error: )?/, "")
    .replace(/\s*(\([\dTZ.:-]+\)\. )?Resolution note:\s*$/, "")
    .replace(/\.$/, "");
}
