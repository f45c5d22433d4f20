import { type sendUnaryData, type Server, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { StatsService, type StatsServer } from "#proto/stats.ts";
import { Answers } from "./answers.ts";
import { type GrpcOwner, reading, refusalOf } from "./grpc-calls.ts";
import { StatsError } from "./grpc-errors.ts";
import { getSeries } from "./get-series.ts";
import { HistoryReader } from "./history-reader.ts";
import { requireNode } from "./known-node.ts";
import { listExemplars } from "./list-exemplars.ts";
import { toEndpoint, toNode, toPaths, toPod, toRouteRule, toTopology, toWindow } from "./mapping.ts";
import { optedIn, toOptedIn } from "./opted-in.ts";
import { Pages } from "./pages.ts";
import { MAX_TEXT_LENGTH } from "./queries.ts";
import { tapRequests } from "./tap-requests.ts";
import {
  endpointsQuestion,
  pathsQuestion,
  podsQuestion,
  topologyQuestion,
  workloadsQuestion,
} from "./topology-requests.ts";
import { watch } from "./watch-requests.ts";
import { serializeOnce, watchTopology } from "./watch-topology.ts";
import { Watches } from "./watches.ts";
import type { Snapshot } from "../world/model.ts";
import type { ApiSources } from "./sources.ts";

/** What the service tells of failures that are control's own. */
export interface StatsServiceOptions {
  /** Shared with the HTTP API; one of its own, where not given. */
  readonly history?: HistoryReader;
  /** As `history`. */
  readonly pages?: Pages;
  /** As `history`. */
  readonly watches?: Watches;
  readonly onError?: (error: Error) => void;
  /** WatchTopology calls at the same time; more are refused with RESOURCE_EXHAUSTED. */
  readonly maxWatches?: number;
}

/**
 * Adds sidelight.v1.Stats to a gRPC server. Every answer is computed from the world as it stands at the call, or read
 * from the store.
 */
export function addStatsService(server: Server, sources: ApiSources, options: StatsServiceOptions = {}): void {
  const { feed } = sources;
  const history = options.history ?? new HistoryReader(sources);
  const answers = new Answers(sources, history, options.pages ?? new Pages());
  const owner: GrpcOwner = { service: "Stats", onError: options.onError ?? (() => {}) };
  const { onError } = owner;
  const answer = <Request, Response>(name: string, compute: (request: Request, snapshot: Snapshot) => Response) => {
    return (call: ServerUnaryCall<Request, Response>, callback: sendUnaryData<Response>): void => {
      // A call that was cancelled or ran out of time on its way here is not worth computing.
      if (call.cancelled) return;
      const { request } = call;
      try {
        callback(null, compute(request, feed.fresh()));
      } catch (cause) {
        callback(refusalOf(owner, { name, request }, cause));
      }
    };
  };
  const read = <Request, Response>(name: string, ask: (request: Request, signal: AbortSignal) => Promise<Response>) => {
    return reading(owner, name, ask);
  };

  const implementation: StatsServer = {
    listWorkloads: read("ListWorkloads", async (request, signal) => {
      const { workloads, nextPageToken, ...window } = await answers.workloads(
        workloadsQuestion(request, Date.now()),
        signal,
      );
      return { ...toWindow(window), workloads: workloads.map(toNode), nextPageToken };
    }),
    getTopology: read("GetTopology", async (request, signal) => {
      const { nextPageToken, ...topology } = await answers.topology(topologyQuestion(request, Date.now()), signal);
      return { topology: toTopology(topology), nextPageToken };
    }),
    listEndpoints: read("ListEndpoints", async (request, signal) => {
      const { endpoints, nextPageToken, ...window } = await answers.endpoints(
        endpointsQuestion(request, Date.now()),
        signal,
      );
      return { ...toWindow(window), endpoints: endpoints.map(toEndpoint), nextPageToken };
    }),
    listPods: read("ListPods", async (request, signal) => {
      const { pods, nextPageToken, ...window } = await answers.pods(podsQuestion(request, Date.now()), signal);
      return { ...toWindow(window), pods: pods.map(toPod), nextPageToken };
    }),
    listRoutes: answer("ListRoutes", ({ server }, snapshot) => {
      const rules = sources.routes.list(server);
      if (!rules.some((rule) => rule.server === server))
        requireNode([snapshot], { field: "server", role: "server", id: server });
      return { rules: rules.map(toRouteRule), untaught: sources.routes.untaught() };
    }),
    forgetRoute: answer("ForgetRoute", ({ server, rule }) => {
      if (sources.routes.forget(server, rule)) return {};
      const why = 'sidelight routes" lists what was learned, such as "/customers/{id}';
      throw new StatsError(status.NOT_FOUND, `No place "${cut(rule)}" was learned of "${cut(server)}"; "${why}"`);
    }),
    listOptedIn: answer("ListOptedIn", ({ namespace, all: tellsAll }) => {
      return toOptedIn(optedIn(sources, { namespace, tellsAll }));
    }),
    listExemplars: read("ListExemplars", listExemplars(history)),
    tapRequests: tapRequests(sources, { onError }),
    listPaths: read("ListPaths", async (request, signal) => {
      return toPaths(await answers.paths(pathsQuestion(request, Date.now()), signal));
    }),
    getSeries: read("GetSeries", getSeries(history)),
    watch: watch(options.watches ?? new Watches(answers, sources), { onError }),
    watchTopology: watchTopology(feed, { onError, maxWatches: options.maxWatches ?? 100 }),
  };
  server.addService(serializeOnce(StatsService), implementation);
}

function cut(text: string): string {
  return text.slice(0, MAX_TEXT_LENGTH);
}
