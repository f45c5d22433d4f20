import {
  ForgetRouteRequest,
  GetSeriesRequest,
  GetTopologyRequest,
  ListEndpointsRequest,
  ListExemplarsRequest,
  ListPathsRequest,
  ListPodsRequest,
  ListOptedInRequest,
  ListRoutesRequest,
  ListWorkloadsRequest,
  StatsService,
  TapRequestsRequest,
  WatchTopologyRequest,
} from "#proto/stats.ts";
import type {
  DeepPartial,
  Edge,
  Endpoint,
  GetSeriesResponse,
  GetTopologyResponse,
  ListEndpointsResponse,
  ListPathsResponse,
  ListPodsResponse,
  ListOptedInResponse,
  ListRoutesResponse,
  ListWorkloadsResponse,
  Node,
  Path,
  Pod,
  RequestExemplar,
  TapRequestsResponse,
  Topology,
} from "#proto/stats.ts";
import { AlertsClient } from "./alerts-client.ts";
import { Calls } from "./calls.ts";
import type { CallOptions, ClientOptions, Method } from "./calls.ts";
import { Listing } from "./listing.ts";
import { mergeTopology } from "./merge-topology.ts";
import { watching } from "./watching.ts";
import type { Watchable, WatchedAnswer, WatchOptions } from "./watching.ts";

/** A question of the contract; what is left out has its default. */
export type Question<Request> = DeepPartial<Request>;

/**
 * Asks control's gRPC API (sidelight.v1.Stats, and sidelight.v1.Alerts as `alerts`) over one connection. What questions and answers mean is said in
 * proto/sidelight/v1/stats.proto. Every failure is a SidelightError.
 */
export class SidelightClient {
  /** Objectives, alerts and incidents, and what says what they are. */
  readonly alerts: AlertsClient;
  readonly #calls: Calls;

  /**
   * Connects with the first question.
   * @param address "host:port" of the gRPC API (not that of the UI)
   * @throws SidelightError when that is no address
   */
  constructor(address: string, options: ClientOptions = {}) {
    this.#calls = new Calls(address, options);
    this.alerts = new AlertsClient(this.#calls);
  }

  /** Workloads, with or without traffic. */
  workloads(
    question: Question<ListWorkloadsRequest> = {},
    options?: CallOptions,
  ): Listing<Node, ListWorkloadsResponse> {
    const request = ListWorkloadsRequest.create(question);
    return this.#list(StatsService.listWorkloads, request, { ...options, rowsOf: ({ workloads }) => workloads });
  }

  /** Nodes and edges, from all pages. */
  topology(question: Question<GetTopologyRequest> = {}, options?: CallOptions): Promise<Topology> {
    const request = GetTopologyRequest.create(question);
    const edgesOf = ({ topology }: GetTopologyResponse): readonly Edge[] => topology?.edges ?? [];
    return mergeTopology(this.#list(StatsService.getTopology, request, { ...options, rowsOf: edgesOf }).pages());
  }

  /** Endpoints of one server or all, the worst first. */
  endpoints(
    question: Question<ListEndpointsRequest> = {},
    options?: CallOptions,
  ): Listing<Endpoint, ListEndpointsResponse> {
    const request = ListEndpointsRequest.create(question);
    return this.#list(StatsService.listEndpoints, request, { ...options, rowsOf: ({ endpoints }) => endpoints });
  }

  /** Who leads where: the ways from a client to a server, the shortest first. */
  paths(question: Question<ListPathsRequest>, options?: CallOptions): Listing<Path, ListPathsResponse> {
    const request = ListPathsRequest.create(question);
    return this.#list(StatsService.listPaths, request, { ...options, rowsOf: ({ paths }) => paths });
  }

  /** Pods, the busiest first. */
  pods(question: Question<ListPodsRequest> = {}, options?: CallOptions): Listing<Pod, ListPodsResponse> {
    const request = ListPodsRequest.create(question);
    return this.#list(StatsService.listPods, request, { ...options, rowsOf: ({ pods }) => pods });
  }

  /** Rate, errors and duration over time, by group. */
  series(question: Question<GetSeriesRequest> = {}, options?: CallOptions): Promise<GetSeriesResponse> {
    return this.#calls.ask(StatsService.getSeries, GetSeriesRequest.create(question), options);
  }

  /** Slow and failed requests by name: failed ones, the newest first, then slow ones, the slowest first. */
  async exemplars(
    question: Question<ListExemplarsRequest> = {},
    options?: CallOptions,
  ): Promise<readonly RequestExemplar[]> {
    const request = ListExemplarsRequest.create(question);
    return (await this.#calls.ask(StatsService.listExemplars, request, options)).exemplars;
  }

  /** What turns paths into routes. */
  routes(question: Question<ListRoutesRequest> = {}, options?: CallOptions): Promise<ListRoutesResponse> {
    return this.#calls.ask(StatsService.listRoutes, ListRoutesRequest.create(question), options);
  }

  /** In a cluster: whom an annotation turned the filter on for, and how they fare. */
  optedIn(question: Question<ListOptedInRequest> = {}, options?: CallOptions): Promise<ListOptedInResponse> {
    return this.#calls.ask(StatsService.listOptedIn, ListOptedInRequest.create(question), options);
  }

  /** Undoes a learned place for good. */
  async forgetRoute(question: Question<ForgetRouteRequest>, options?: CallOptions): Promise<void> {
    await this.#calls.ask(StatsService.forgetRoute, ForgetRouteRequest.create(question), options);
  }

  /** Live requests of one workload, until their time is over or the signal is aborted. */
  tap(question: Question<TapRequestsRequest>, options?: CallOptions): AsyncIterable<TapRequestsResponse> {
    return this.#calls.listen(StatsService.tapRequests, TapRequestsRequest.create(question), options);
  }

  /** The topology now and each time it was computed anew, until the signal is aborted or the connection is cut. */
  async *watchTopology(options?: CallOptions): AsyncGenerator<Topology, void, undefined> {
    const answers = this.#calls.listen(StatsService.watchTopology, WatchTopologyRequest.create(), options);
    for await (const { topology } of answers) if (topology) yield topology;
  }

  /**
   * The answer to a question now and again each interval, until the signal is aborted. A watch that was cut takes itself up
   * again: what was missed is told first, out of the history. A refusal ends it, and so does failing before the first answer.
   */
  watch<Kind extends keyof Watchable>(
    kind: Kind,
    question: Question<Watchable[Kind]["question"]>,
    options: WatchOptions = {},
  ): AsyncGenerator<WatchedAnswer<Watchable[Kind]["answer"]>, void, undefined> {
    return watching<Kind>(this.#calls, { $case: kind, value: WATCHABLE[kind].create(question) }, options);
  }

  /** Ends the connection; calls that are under way fail. */
  close(): void {
    this.#calls.close();
  }

  #list<Request extends { pageToken: string }, Row, Page extends { nextPageToken: string }>(
    method: Method<Request, Page>,
    question: Request,
    { rowsOf, ...options }: CallOptions & { readonly rowsOf: (page: Page) => readonly Row[] },
  ): Listing<Row, Page> {
    const ask = (pageToken: string): Promise<Page> => this.#calls.ask(method, { ...question, pageToken }, options);
    return new Listing({ ask, rowsOf, pageToken: question.pageToken });
  }
}

/** How the question of a watch is filled in. */
const WATCHABLE: {
  readonly [Kind in keyof Watchable]: {
    create(question: Question<Watchable[Kind]["question"]>): Watchable[Kind]["question"];
  };
} = {
  workloads: ListWorkloadsRequest,
  topology: GetTopologyRequest,
  endpoints: ListEndpointsRequest,
  pods: ListPodsRequest,
  series: GetSeriesRequest,
};
