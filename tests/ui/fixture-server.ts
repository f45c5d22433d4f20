/**
 * Control as the UI sees it, scripted: serves the built UI and whatever snapshot a test puts in, over the real HTTP
 * contract. `cut` closes every connection and refuses new ones until `mend`.
 */
import { readFile } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { extname, join, normalize } from "node:path";

import type { OptInStatus } from "../../control/api/opt-in-source.ts";
import type { SeriesTold } from "../../control/api/series-answers.ts";
import type { SeriesPoint } from "../../control/store/store.ts";
import type { Status } from "../../control/api/sources.ts";
import type { Snapshot, SnapshotEdge, SnapshotEndpoint } from "../../control/world/model.ts";
import { AlertControl } from "./fixtures/alert-control.ts";
import { someRequests, type Requests } from "./fixtures/requests.ts";
import { connectionSeries, series } from "./fixtures/series.ts";

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".css": "text/css",
  ".svg": "image/svg+xml",
  ".woff2": "font/woff2",
};

/** A control that is well. */
const WELL: Status = {
  version: "0.1.0",
  startedAtMs: 0,
  store: { engine: "duckdb", error: null, disk: { bytes: 1.3e9, maxBytes: 20 * 2 ** 30, cappedTables: 0 } },
  sink: null,
  inbox: { pending: 4, lagSeconds: 0.4, bytes: 4_000, maxBytes: 2 ** 30 },
  reporters: [],
  losses: [],
  exemplars: { areKept: true, traceUrl: null },
  kubernetes: null,
};

/** Makes the snapshot for an instant, so that the picture keeps up with the clock. */
export type Scene = (atMs: number) => Snapshot;

export class FixtureServer {
  readonly url: string;
  /** What is told of slow and failed requests. */
  requests: Requests = someRequests;
  readonly alerts = new AlertControl();
  #server: Server;
  #uiDir: string;
  #scene: Scene;
  #streams = new Set<ServerResponse>();
  #sockets = new Set<Socket>();
  #isCut = false;
  /** What the past looked like, where it differs from now. */
  pastScene: Scene | undefined;
  /** What differs from a control that is well. */
  status: Partial<Status> = {};
  /** Who is observed; undefined where control turns nothing on. */
  optIn: ((nowMs: number) => OptInStatus) | undefined;
  /** When counting began, milliseconds since the epoch. */
  begunMs = 0;
  #pulse: ReturnType<typeof setInterval>;

  private constructor(server: Server, uiDir: string, scene: Scene) {
    this.#server = server;
    this.#uiDir = uiDir;
    this.#scene = scene;
    this.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    this.#pulse = setInterval(() => this.#publish(), 500);
  }

  /** Listens on a free port of the loopback. */
  static async start(uiDir: string, scene: Scene): Promise<FixtureServer> {
    const server = createServer();
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const fixture = new FixtureServer(server, uiDir, scene);
    server.on("connection", (socket) => fixture.#accept(socket));
    server.on("request", (request, response) => void fixture.#answer(request, response));
    return fixture;
  }

  /** Shows another scene at once. */
  show(scene: Scene): void {
    this.#scene = scene;
    this.#publish();
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.destroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  async stop(): Promise<void> {
    clearInterval(this.#pulse);
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #accept(socket: Socket): void {
    if (this.#isCut) {
      socket.destroy();
      return;
    }
    this.#sockets.add(socket);
    socket.on("close", () => this.#sockets.delete(socket));
  }

  #publish(): void {
    if (this.#streams.size === 0) return;
    const data = `event: snapshot\ndata: ${JSON.stringify(this.#scene(Date.now()))}\n\n`;
    for (const stream of this.#streams) stream.write(data);
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", this.url);
    if (url.pathname === "/api/v1/stream") {
      response.writeHead(200, { "content-type": "text/event-stream", "cache-control": "no-store" });
      this.#streams.add(response);
      response.on("close", () => this.#streams.delete(response));
      response.write(`event: snapshot\ndata: ${JSON.stringify(this.#scene(Date.now()))}\n\n`);
    } else if (url.pathname.startsWith("/api/") && !this.alerts.answer(request, url, response)) {
      this.#answerApi(url, response);
    } else if (!url.pathname.startsWith("/api/")) {
      await this.#answerFile(url.pathname, response);
    }
  }

  #answerApi({ pathname, searchParams }: URL, response: ServerResponse): void {
    const at = searchParams.get("at");
    const snapshot = this.#past(at === null ? Date.now() : Number(at), at !== null);
    if (pathname === "/api/v1/snapshot") sendJson(response, 200, snapshot);
    else if (pathname === "/api/v1/endpoints")
      sendJson(response, 200, { endpoints: endpointsOf(snapshot, searchParams) });
    else if (pathname === "/api/v1/series") sendJson(response, 200, seriesOf(snapshot, searchParams));
    else if (pathname === "/api/v1/exemplars") sendJson(response, 200, this.requests(snapshot, searchParams));
    else if (pathname === "/api/v1/status") sendJson(response, 200, { ...WELL, ...this.status });
    else if (pathname === "/api/v1/opt-in" && this.optIn) {
      sendJson(response, 200, observedIn(this.optIn(Date.now()), searchParams.get("namespace")));
    } else sendJson(response, 404, { error: { message: `There is no ${pathname}` } });
  }

  /** Nothing was counted before `begunMs`. */
  #past(atMs: number, isPast: boolean): Snapshot {
    const snapshot = (isPast ? (this.pastScene ?? this.#scene) : this.#scene)(atMs);
    return atMs < this.begunMs ? { ...snapshot, nodes: [], edges: [] } : snapshot;
  }

  async #answerFile(pathname: string, response: ServerResponse): Promise<void> {
    const path = normalize(pathname);
    const name = extname(path) === "" ? "/index.html" : path;
    try {
      const body = await readFile(join(this.#uiDir, name));
      response.writeHead(200, { "content-type": TYPES[extname(name)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  }
}

function observedIn(all: OptInStatus, namespace: string | null): OptInStatus {
  if (!namespace) return all;
  return {
    ...all,
    namespaces: all.namespaces.filter(({ name }) => name === namespace),
    workloads: all.workloads.filter((workload) => workload.namespace === namespace),
  };
}

function edgesOf(snapshot: Snapshot, query: URLSearchParams): readonly SnapshotEdge[] {
  const client = query.get("client");
  const server = query.get("server");
  return snapshot.edges.filter((edge) => (!client || edge.client === client) && (!server || edge.server === server));
}

function endpointsOf(snapshot: Snapshot, query: URLSearchParams): (SnapshotEndpoint & { server: string })[] {
  return edgesOf(snapshot, query)
    .flatMap((edge) => edge.endpoints.map((endpoint) => ({ ...endpoint, server: edge.server })))
    .filter(
      (row, at, rows) => rows.findIndex((other) => other.method === row.method && other.route === row.route) === at,
    );
}

function seriesOf(snapshot: Snapshot, query: URLSearchParams): unknown {
  const [fromMs, toMs, stepMs] = ["from", "to", "step"].map((name) => Number(query.get(name))) as [
    number,
    number,
    number,
  ];
  if (query.get("protocol") === "tcp") {
    const edges = edgesOf(snapshot, query);
    const active = edges.reduce((sum, edge) => sum + (edge.active ?? 1), 0);
    return toldOf(connectionSeries({ fromMs, toMs, stepMs, active }), { fromMs, toMs, stepMs });
  }
  const route = query.get("route");
  const endpoints = endpointsOf(snapshot, query).filter((row) => !route || row.route === route);
  const rate = endpoints.reduce((sum, { red }) => sum + red.rate, 0) || 2;
  const errors = endpoints.reduce((sum, { red }) => sum + red.rate * red.errorShare, 0);
  const slowest = Math.max(6, ...endpoints.map(({ red }) => red.p95Ms ?? 0));
  const points = series({
    fromMs,
    toMs,
    stepMs,
    rate,
    p95Ms: Math.min(slowest, 24),
    errorShare: errors / rate,
    slowMs: slowest > 500 ? slowest : null,
  });
  const asksForSlow = query.has("slowerThan");
  return toldOf(asksForSlow ? points.map(withSlow) : points, { fromMs, toMs, stepMs });
}

/** Half a per cent of what was asked is slow. */
function withSlow(point: SeriesPoint): SeriesPoint {
  const timed = point.outcomes.success;
  return { ...point, slow: { timed, slower: Math.round(timed / 200) } };
}

/** One series without groups, as control tells it. */
function toldOf(points: readonly SeriesPoint[], steps: { fromMs: number; toMs: number; stepMs: number }): SeriesTold {
  const one = { labels: [], isRest: false, total: points[0]!, points };
  return { ...steps, percentiles: [0.5, 0.95, 0.99], series: [one], groupCount: 1 };
}

function sendJson(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}
