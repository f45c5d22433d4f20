import { type sendUnaryData, type Server, type ServerUnaryCall, status } from "@grpc/grpc-js";
import { StatsService, type StatsServer } from "#proto/stats.ts";
import { StatsError, toStatsError } from "./grpc-errors.ts";
import { listExemplars } from "./list-exemplars.ts";
import { toEndpoint, toNode, toRouteRule, toTopology } from "./mapping.ts";
import { servedEndpoints } from "./served-endpoints.ts";
import { tapRequests } from "./tap-requests.ts";
import { serializeOnce, watchTopology } from "./watch-topology.ts";
import type { Snapshot } from "../world/model.ts";
import type { ApiSources } from "./sources.ts";

/** What the service tells of failures that are control's own. */
export interface StatsServiceOptions {
  readonly onError?: (error: Error) => void;
  /** WatchTopology calls at the same time; more are refused with RESOURCE_EXHAUSTED. */
  readonly maxWatches?: number;
}

type Call<Request, Response> = ServerUnaryCall<Request, Response>;

/** No node has a longer id. */
const maxNameLength = 512;

/**
 * Adds sidelight.v1.Stats to a gRPC server. Every answer is computed from the world as it stands at the call, or read
 * from the store.
 */
export function addStatsService(server: Server, sources: ApiSources, options: StatsServiceOptions = {}): void {
  const { feed, world } = sources;
  const onError = options.onError ?? (() => {});
  const refuse = <Request, Response>(name: string, call: Call<Request, Response>, cause: unknown) => {
    const refusal = toStatsError(cause);
    if (refusal) return { code: refusal.code, details: refusal.message };
    onError(new Error(`Answering Stats.${name} ${JSON.stringify(call.request)}`, { cause }));
    return { code: status.INTERNAL, details: `${name} failed; control's log says why` };
  };
  const answer = <Request, Response>(name: string, compute: (request: Request, snapshot: Snapshot) => Response) => {
    return (call: Call<Request, Response>, callback: sendUnaryData<Response>): void => {
      // A call that was cancelled or ran out of time on its way here is not worth computing.
      if (call.cancelled) return;
      try {
        callback(null, compute(call.request, feed.fresh()));
      } catch (cause) {
        callback(refuse(name, call, cause));
      }
    };
  };
  const read = <Request, Response>(name: string, ask: (request: Request, signal: AbortSignal) => Promise<Response>) => {
    return (call: Call<Request, Response>, callback: sendUnaryData<Response>): void => {
      const gone = new AbortController();
      call.once("cancelled", () => gone.abort());
      ask(call.request, gone.signal).then(
        (response) => callback(null, response),
        (cause: unknown) => callback(refuse(name, call, cause)),
      );
    };
  };

  const implementation: StatsServer = {
    listWorkloads: answer("ListWorkloads", ({ namespace }, { nodes }) => {
      const wanted = nodes.filter((node) => isWorkload(node.kind) && (!namespace || node.namespace === namespace));
      return { workloads: wanted.map(toNode) };
    }),
    getTopology: answer("GetTopology", (_request, snapshot) => ({ topology: toTopology(snapshot) })),
    listEndpoints: answer("ListEndpoints", ({ server, client }, snapshot) => {
      requireNode(snapshot, "server", server);
      requireNode(snapshot, "client", client);
      return { endpoints: servedEndpoints(snapshot, world, { server, client }).map(toEndpoint) };
    }),
    listRoutes: answer("ListRoutes", ({ server }, snapshot) => {
      const rules = sources.routes.list(server);
      if (!rules.some((rule) => rule.server === server)) requireNode(snapshot, "server", server);
      return { rules: rules.map(toRouteRule), untaught: sources.routes.untaught() };
    }),
    forgetRoute: answer("ForgetRoute", ({ server, rule }) => {
      if (sources.routes.forget(server, rule)) return {};
      const why = 'sidelight routes" lists what was learned, such as "/customers/{id}';
      throw new StatsError(status.NOT_FOUND, `No place "${cut(rule)}" was learned of "${cut(server)}"; "${why}"`);
    }),
    listExemplars: read("ListExemplars", listExemplars(sources)),
    tapRequests: tapRequests(sources, { onError }),
    watchTopology: watchTopology(feed, { onError, maxWatches: options.maxWatches ?? 100 }),
  };
  server.addService(serializeOnce(StatsService), implementation);
}

function cut(text: string): string {
  return text.slice(0, maxNameLength);
}

/** External and unresolved peers are nodes of the map and no workloads. */
function isWorkload(kind: string): boolean {
  return kind !== "external" && kind !== "unresolved";
}

function requireNode({ nodes }: Snapshot, role: "server" | "client", id: string): void {
  if (id === "" || nodes.some((node) => node.id === id)) return;
  if (id.length > maxNameLength) {
    throw new StatsError(
      status.INVALID_ARGUMENT,
      `${role} is ${id.length} characters long; ${maxNameLength} is the limit`,
    );
  }
  throw new StatsError(status.NOT_FOUND, `No ${role} "${id}" is known; names look like "namespace/name"`);
}
