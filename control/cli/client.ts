import { credentials, Metadata, status } from "@grpc/grpc-js";
import type { CallOptions, ClientReadableStream, ClientUnaryCall, ServiceError } from "@grpc/grpc-js";
import { GetTopologyRequest, StatsClient } from "#proto/stats.ts";
import type {
  Endpoint,
  ForgetRouteResponse,
  GetTopologyResponse,
  ListEndpointsRequest,
  ListEndpointsResponse,
  ListExemplarsRequest,
  ListExemplarsResponse,
  ListRoutesResponse,
  RequestExemplar,
  TapRequestsRequest,
  TapRequestsResponse,
  Topology,
  WatchTopologyResponse,
} from "#proto/stats.ts";
import { CliError } from "./cli-error.ts";

/** How long a single answer may take, milliseconds. */
const deadlineMs = 10_000;
/** A topology of some thousand edges is a few MB. */
const maxMessageBytes = 64 * 1024 * 1024;

/** Begins a call of one answer. */
type Start<Response> = (
  options: CallOptions,
  done: (error: ServiceError | null, response: Response) => void,
) => ClientUnaryCall;

/** Asks the gRPC API; every failure comes as a CliError that says what was asked of whom and what to do. */
export class ControlClient {
  readonly address: string;
  readonly #stats: StatsClient;

  /** @param address "host:port" */
  constructor(address: string) {
    if (!/^(\[[0-9a-f:.]+\]|[^\s:/]+):\d{1,5}$/i.test(address)) {
      throw new CliError(
        "usage",
        `"${address}" is no gRPC address; it looks like 127.0.0.1:9400 or control.sidelight:9400`,
      );
    }
    this.address = address;
    this.#stats = new StatsClient(address, credentials.createInsecure(), {
      "grpc.max_receive_message_length": maxMessageBytes,
      // Control is in the cluster or on this machine; a proxy for the web cannot reach it.
      "grpc.enable_http_proxy": 0,
    });
  }

  async topology(): Promise<Topology> {
    const { topology } = await this.#call<GetTopologyResponse>("GetTopology", (options, done) => {
      return this.#stats.getTopology(GetTopologyRequest.create(), new Metadata(), options, done);
    });
    return topology ?? emptyTopology;
  }

  /** Aborting the signal cancels the question. */
  async endpoints(filter: ListEndpointsRequest, signal?: AbortSignal): Promise<readonly Endpoint[]> {
    const ask: Start<ListEndpointsResponse> = (options, done) => {
      return this.#stats.listEndpoints(filter, new Metadata(), options, done);
    };
    const { endpoints } = await this.#call("ListEndpoints", ask, signal);
    return endpoints;
  }

  async exemplars(request: ListExemplarsRequest): Promise<readonly RequestExemplar[]> {
    const { exemplars } = await this.#call<ListExemplarsResponse>("ListExemplars", (options, done) => {
      return this.#stats.listExemplars(request, new Metadata(), options, done);
    });
    return exemplars;
  }

  routes(server: string): Promise<ListRoutesResponse> {
    return this.#call<ListRoutesResponse>("ListRoutes", (options, done) => {
      return this.#stats.listRoutes({ server }, new Metadata(), options, done);
    });
  }

  async forgetRoute(server: string, rule: string): Promise<void> {
    await this.#call<ForgetRouteResponse>("ForgetRoute", (options, done) => {
      return this.#stats.forgetRoute({ server, rule }, new Metadata(), options, done);
    });
  }

  /** The topology now and each time it was computed anew, until `signal` is aborted. */
  async *watchTopology(signal: AbortSignal): AsyncIterable<Topology> {
    const answers = this.#answers<WatchTopologyResponse>("WatchTopology", this.#stats.watchTopology({}), signal);
    for await (const { topology } of answers) yield topology ?? emptyTopology;
  }

  /** Live requests, until their time is over or `signal` is aborted. */
  tap(request: TapRequestsRequest, signal: AbortSignal): AsyncIterable<TapRequestsResponse> {
    return this.#answers<TapRequestsResponse>("TapRequests", this.#stats.tapRequests(request), signal);
  }

  close(): void {
    this.#stats.close();
  }

  #call<Response>(method: string, start: Start<Response>, signal?: AbortSignal): Promise<Response> {
    return new Promise((resolve, reject) => {
      const cancel = (): void => call.cancel();
      const call = start({ deadline: Date.now() + deadlineMs }, (error, response) => {
        signal?.removeEventListener("abort", cancel);
        if (error) reject(this.#explain(method, error));
        else resolve(response);
      });
      signal?.addEventListener("abort", cancel, { once: true });
    });
  }

  async *#answers<Response>(
    method: string,
    call: ClientReadableStream<Response>,
    signal: AbortSignal,
  ): AsyncIterable<Response> {
    const cancel = (): void => call.cancel();
    signal.addEventListener("abort", cancel, { once: true });
    if (signal.aborted) cancel();
    let hasBegun = false;
    try {
      for await (const answer of call as AsyncIterable<Response>) {
        hasBegun = true;
        yield answer;
      }
    } catch (error) {
      if (!signal.aborted) throw this.#explainEnd(method, error as ServiceError, hasBegun);
    } finally {
      signal.removeEventListener("abort", cancel);
      call.cancel();
    }
  }

  /** What is lost was there: it needs other words than what never was. */
  #explainEnd(method: string, cause: ServiceError, hasBegun: boolean): CliError {
    if (!hasBegun || cause.code !== status.UNAVAILABLE) return this.#explain(method, cause);
    return new CliError("unreachable", `lost control at ${this.address}: ${plainReason(cause.details)}`, { cause });
  }

  #explain(method: string, cause: ServiceError): CliError {
    const where = `control at ${this.address}`;
    switch (cause.code) {
      case status.UNAVAILABLE:
        return new CliError(
          "unreachable",
          `cannot reach ${where}: ${plainReason(cause.details)}\n` +
            "Is it running there? Start the demo with `npm run demo`, or name control's gRPC address (not that of the UI)\n" +
            "with --server host:port or $SIDELIGHT_SERVER.",
          { cause },
        );
      case status.DEADLINE_EXCEEDED:
        return new CliError("unreachable", `${where} gave no answer to ${method} within ${deadlineMs / 1000} s`, {
          cause,
        });
      case status.UNIMPLEMENTED:
        return new CliError(
          "refused",
          `${where} does not know Stats.${method}: is it Sidelight, and of this version?`,
          {
            cause,
          },
        );
      default:
        return new CliError("refused", `${where}: ${cause.details}`, { cause });
    }
  }
}

/** What grpc-js wraps around the system's own words says nothing to the user. */
function plainReason(details: string): string {
  return details
    .replace(/^No connection established\. Last error: (Error: )?/, "")
    .replace(/\s*(\([\dTZ.:-]+\)\. )?Resolution note:\s*$/, "")
    .replace(/\.$/, "");
}

const emptyTopology: Topology = { at: undefined, windowSeconds: 0, nodes: [], edges: [] };
