import { Server, ServerCredentials } from "@grpc/grpc-js";
import type { Registry } from "prom-client";
import { AlertAnswers } from "./api/alert-answers.ts";
import { registerAlertMetrics } from "./api/alert-metrics.ts";
import { AlertsFeed } from "./api/alerts-feed.ts";
import { addAlertsService } from "./api/alerts-service.ts";
import { Answers } from "./api/answers.ts";
import type { ServedFilter } from "./api/filter-module.ts";
import { addHealthService } from "./api/grpc-health.ts";
import { addStatsService } from "./api/grpc.ts";
import { HistoryReader } from "./api/history-reader.ts";
import { listenHttp } from "./api/http-server.ts";
import { createHttpApp } from "./api/http.ts";
import { registerApiMetrics } from "./api/metrics.ts";
import { Pages } from "./api/pages.ts";
import { addReflectionService } from "./api/reflection.ts";
import type { ApiSources } from "./api/sources.ts";
import { registerWatchMetrics } from "./api/watch-metrics.ts";
import { Watches } from "./api/watches.ts";
import type { Config, ListenAddress } from "./config.ts";
import { INGEST_SERVER_OPTIONS } from "./ingest/frame.ts";
import { addIngestService } from "./ingest/service.ts";
import type { IngestDeps } from "./ingest/service.ts";

/** How long calls may take to end by themselves when control stops. */
const GRPC_GRACE_MS = 1_000;

export interface ServersDeps {
  readonly config: Config;
  readonly ingest: IngestDeps;
  readonly api: ApiSources;
  /** What sidecars are to run. */
  readonly filter: ServedFilter;
  readonly registry: Registry;
  readonly onError: (error: Error) => void;
}

/** Control's two servers, listening. Addresses are "host:port" as bound. */
export interface Servers {
  readonly grpc: string;
  readonly http: string;
  /** Takes nothing more in and ends what is open. */
  close(): Promise<void>;
}

/** Starts the gRPC server (Ingest, Stats, Alerts, health, reflection) and the HTTP server (API, UI, metrics). */
export async function startServers(deps: ServersDeps): Promise<Servers> {
  const { config, ingest, api, filter, registry, onError } = deps;
  const grpcServer = new Server(INGEST_SERVER_OPTIONS);
  const ingestService = addIngestService(grpcServer, ingest);
  const history = new HistoryReader(api);
  const pages = new Pages();
  const watches = new Watches(new Answers(api, history, pages), api);
  addStatsService(grpcServer, api, { onError, history, pages, watches });
  const alerts = { answers: new AlertAnswers(api, history), feed: new AlertsFeed(api, { onError }) };
  addAlertsService(grpcServer, alerts, { onError });
  const health = addHealthService(grpcServer);
  addReflectionService(grpcServer);
  registerApiMetrics(registry, api);
  registerWatchMetrics(registry, watches);
  registerAlertMetrics(registry, api, alerts.feed);
  const { uiDir, metricsEdges } = config;
  const shared = { history, pages, watches, alerts, filter };
  const app = createHttpApp(api, { uiDir, metrics: registry, metricsEdges, onError, ...shared });
  const http = await listenHttp(app, config.httpListen);
  try {
    const grpc = await listenGrpc(grpcServer, config.grpcListen);
    health.setServing(true);
    return {
      grpc,
      http: http.address,
      async close() {
        health.setServing(false);
        ingestService.close();
        watches.stop();
        alerts.feed.stop();
        await Promise.all([http.close(), closeGrpc(grpcServer)]);
      },
    };
  } catch (error) {
    await http.close();
    throw error;
  }
}

function listenGrpc(server: Server, { host, port }: ListenAddress): Promise<string> {
  const name = host.includes(":") ? `[${host}]` : host;
  return new Promise((resolve, reject) => {
    server.bindAsync(`${name}:${port}`, ServerCredentials.createInsecure(), (cause, bound) => {
      if (!cause) return resolve(`${name}:${bound}`);
      reject(new Error(`Listening for gRPC on ${name}:${port}: ${cause.message}`, { cause }));
    });
  });
}

async function closeGrpc(server: Server): Promise<void> {
  const timer = setTimeout(() => server.forceShutdown(), GRPC_GRACE_MS);
  await new Promise<void>((resolve) => server.tryShutdown(() => resolve()));
  clearTimeout(timer);
}
