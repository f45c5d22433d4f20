/** Control's API end as main.ts wires it, on free ports, over a real World and a store of the test's choice. */
import { Server, ServerCredentials } from "@grpc/grpc-js";
import { Registry } from "prom-client";
import {
  type FeedClock,
  type FeedOptions,
  SnapshotFeed,
  type SnapshotSource,
  systemClock,
} from "../../../control/api/feed.ts";
import { AlertAnswers } from "../../../control/api/alert-answers.ts";
import { registerAlertMetrics } from "../../../control/api/alert-metrics.ts";
import type { AlertSource } from "../../../control/api/alert-source.ts";
import { AlertsFeed, type AlertsFeedOptions } from "../../../control/api/alerts-feed.ts";
import { addAlertsService } from "../../../control/api/alerts-service.ts";
import { Answers } from "../../../control/api/answers.ts";
import { addStatsService } from "../../../control/api/grpc.ts";
import { addHealthService, type ServingState } from "../../../control/api/grpc-health.ts";
import { HistoryReader } from "../../../control/api/history-reader.ts";
import { createHttpApp, type HttpOptions } from "../../../control/api/http.ts";
import { listenHttp } from "../../../control/api/http-server.ts";
import { registerApiMetrics } from "../../../control/api/metrics.ts";
import { Pages } from "../../../control/api/pages.ts";
import { addReflectionService } from "../../../control/api/reflection.ts";
import type { OptInSource } from "../../../control/api/opt-in-source.ts";
import type { ApiSources, RoutesSource, Status } from "../../../control/api/sources.ts";
import { registerWatchMetrics } from "../../../control/api/watch-metrics.ts";
import { Watches } from "../../../control/api/watches.ts";
import type { Store } from "../../../control/store/store.ts";
import type { LiveRequests } from "../../../control/ingest/tap-hub.ts";
import { TapHub } from "../../../control/ingest/tap-hub.ts";
import { nameBatch } from "../../../control/identity/name-window.ts";
import type { Exemplar } from "../../../control/identity/observation.ts";
import { StaticInventory } from "../../../control/identity/static-inventory.ts";
import { ExternalHosts } from "../../../control/identity/external-hosts.ts";
import { World } from "../../../control/world/world.ts";
import { shopNodes, shopSecond } from "./fixture-shop.ts";

export const status: Status = {
  version: "0.1.0",
  startedAtMs: 1_767_225_600_000,
  store: { engine: "duckdb", error: null, disk: null },
  sink: null,
  inbox: { pending: 3, lagSeconds: 0.2, bytes: 900, maxBytes: 1_000_000 },
  reporters: [],
  losses: [{ kind: "valuesCut", count: 2 }],
  exemplars: { areKept: true, traceUrl: null },
  kubernetes: null,
};

/** What is meant where an option is left out. */
const DEFAULTS = {
  routes: { list: () => [], untaught: () => 0, forget: () => false } satisfies RoutesSource,
  notReady: [] as readonly string[],
  completedMs: () => Date.now() - 2_000,
};

export interface ControlOptions {
  readonly feed?: FeedOptions;
  readonly http?: Partial<HttpOptions>;
  readonly store?: Store;
  readonly routes?: RoutesSource;
  readonly notReady?: readonly string[];
  /** Up to when the history is complete; two seconds ago, where left out. */
  readonly completedMs?: ApiSources["completedMs"];
  readonly maxWatches?: number;
  /** No rules are judged, where left out. */
  readonly alerts?: AlertSource;
  /** Nothing is turned on, where left out. */
  readonly optIn?: OptInSource;
  readonly alertsFeed?: AlertsFeedOptions;
  /** Where one that was closed has listened; a free port, where left out. */
  readonly grpcAddress?: string;
  /** Leaves the world empty. */
  readonly empty?: boolean;
  /** No live requests are allowed. */
  readonly withoutTaps?: boolean;
  /** Published instead of what the world says. */
  readonly snapshots?: SnapshotSource;
}

export interface ControlUnderTest {
  readonly world: World;
  readonly feed: SnapshotFeed;
  /** "http://host:port" */
  readonly http: string;
  /** "host:port" */
  readonly grpc: string;
  readonly health: ServingState;
  readonly errors: Error[];
  /** Reporters are named as the mesh does. */
  readonly taps: TapHub<Exemplar>;
  readonly watches: Watches;
  readonly alertsFeed: AlertsFeed;
  close(): Promise<void>;
}

export async function startControl(options: ControlOptions = {}): Promise<ControlUnderTest> {
  const world = new World();
  world.setKnown(options.empty ? [] : shopNodes);
  // The world's time stands still, so that a slow machine changes no rate.
  const nowMs = Date.now();
  const clock: FeedClock = { ...systemClock, now: () => nowMs };
  for (let ago = 20; ago > 0 && !options.empty; ago--) {
    for (const window of shopSecond(nowMs - ago * 1000)) world.add(window);
  }
  const errors: Error[] = [];
  const onError = (error: Error): void => void errors.push(error);
  const feed = new SnapshotFeed(options.snapshots ?? world, {
    minIntervalMs: 20,
    maxIntervalMs: 40,
    onError,
    clock,
    ...options.feed,
  });
  const { store, notReady, routes, completedMs } = { ...DEFAULTS, ...options };
  const { exemplars } = status;
  const naming = { inventory: StaticInventory.empty(), externalHosts: new ExternalHosts() };
  const hub = new TapHub({
    workloadOf: ({ namespace, workload }) => `${namespace}/${workload}`,
    name: (live: LiveRequests) => nameBatch(live, naming).exemplars,
    onError,
  });
  const taps = options.withoutTaps ? undefined : hub;
  const sources: ApiSources = {
    ...{ feed, world, routes, store, exemplars, taps, alerts: options.alerts, optIn: options.optIn },
    status: () => status,
    completedMs,
    notReady: () => notReady,
  };
  const metrics = new Registry();
  registerApiMetrics(metrics, sources);
  const history = new HistoryReader(sources, options.http?.reads);
  const watches = new Watches(new Answers(sources, history, new Pages()), sources, options.maxWatches);
  const alerts = {
    answers: new AlertAnswers(sources, history),
    feed: new AlertsFeed(sources, { minIntervalMs: 20, onError, ...options.alertsFeed }),
  };
  const shared = { watches, alerts, history };
  const app = createHttpApp(sources, { uiDir: "no-such-folder", metrics, onError, ...shared, ...options.http });
  const http = await listenHttp(app, { host: "127.0.0.1", port: 0 });

  const server = new Server();
  addStatsService(server, sources, { onError, watches, ...(options.maxWatches && { maxWatches: options.maxWatches }) });
  addAlertsService(server, alerts, { onError });
  registerWatchMetrics(metrics, watches);
  registerAlertMetrics(metrics, sources, alerts.feed);
  addReflectionService(server);
  const health = addHealthService(server);
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync(options.grpcAddress ?? "127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) => {
      if (error) reject(error);
      else resolve(bound);
    });
  });
  feed.start();
  return {
    world,
    feed,
    http: `http://${http.address}`,
    grpc: `127.0.0.1:${port}`,
    health,
    errors,
    taps: hub,
    watches,
    alertsFeed: alerts.feed,
    async close() {
      watches.stop();
      alerts.feed.stop();
      feed.stop();
      hub.stop();
      server.forceShutdown();
      await http.close();
    },
  };
}
