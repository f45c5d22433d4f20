import { type Server, type ServerWritableStream, status } from "@grpc/grpc-js";
import { AlertsService, type AlertsServer } from "#proto/alerts.ts";
import type { BacktestRequest, BacktestResponse, WatchAlertsRequest, WatchAlertsResponse } from "#proto/alerts.ts";
import {
  toAlert,
  toBacktestResult,
  toIncident,
  toObject,
  toObjective,
  toReceiver,
  toWatched,
} from "./alert-mapping.ts";
import {
  alertsQuestion,
  backtestQuestion,
  incidentsQuestion,
  objectivesQuestion,
  openQuestion,
  requireIds,
  requireKind,
} from "./alert-requests.ts";
import type { AlertParts } from "./alert-routes.ts";
import type { BacktestEvent } from "./backtests.ts";
import { taken } from "./drained.ts";
import { type GrpcOwner, reading, refusalOf } from "./grpc-calls.ts";
import { StatsError } from "./grpc-errors.ts";
import { NewestReader } from "./newest-reader.ts";
import { askedOf, type OpenAnswer } from "./open-alerts.ts";

/** While there is no news a call sleeps; HTTP/2 keeps the connection alive. */
const SLEEP_MS = 60_000;

/** What one change of what is open is told as, once for all who watch all of it. */
const watched = new WeakMap<OpenAnswer, WatchAlertsResponse>();
const serialized = new WeakMap<WatchAlertsResponse, Buffer>();

/** Adds sidelight.v1.Alerts to a gRPC server. */
export function addAlertsService(
  server: Server,
  { answers, feed }: AlertParts,
  options: { readonly onError?: (error: Error) => void } = {},
): void {
  const owner: GrpcOwner = { service: "Alerts", onError: options.onError ?? (() => {}) };
  const implementation: AlertsServer = {
    listAlerts: reading(owner, "ListAlerts", async (request, signal) => {
      const { atMs, alerts, ...same } = await answers.alerts(alertsQuestion(request, Date.now()), signal);
      return { ...same, at: new Date(atMs), alerts: alerts.map(toAlert) };
    }),
    listIncidents: reading(owner, "ListIncidents", async (request, signal) => {
      const { atMs, incidents, isCut } = await answers.incidents(incidentsQuestion(request, Date.now()), signal);
      return { at: new Date(atMs), incidents: incidents.map(toIncident), isCut };
    }),
    watchAlerts: streaming(owner, "WatchAlerts", (call) => watchAlerts(call, feed)),
    listObjectives: reading(owner, "ListObjectives", (request) =>
      soon(() => {
        const { atMs, objectives, total } = answers.objectives(objectivesQuestion(request));
        return { at: new Date(atMs), objectives: objectives.map(toObjective), total };
      }),
    ),
    listObjects: reading(owner, "ListObjects", ({ kind }) =>
      soon(() => {
        requireKind(kind, false);
        return { objects: answers.objects(kind).objects.map(toObject) };
      }),
    ),
    applyObjects: reading(owner, "ApplyObjects", async ({ yaml, dryRun }) => {
      const { changes, problems } = await answers.apply(yaml, dryRun);
      return { changes: [...changes], problems: [...problems] };
    }),
    deleteObject: reading(owner, "DeleteObject", async ({ kind, name }) => {
      requireKind(kind, true);
      await answers.remove(kind, name);
      return {};
    }),
    backtest: streaming(owner, "Backtest", (call) => backtest(call, answers)),
    listReceivers: reading(owner, "ListReceivers", () =>
      soon(() => ({ receivers: answers.receivers().receivers.map(toReceiver) })),
    ),
    testReceiver: reading(owner, "TestReceiver", ({ name }) => answers.test(name)),
    settleDeadLetters: reading(owner, "SettleDeadLetters", async (request) => {
      requireIds(request);
      return answers.settle(request.receiver, request.ids, request.drop);
    }),
  };
  server.addService(service, implementation);
}

/** The service, with what is open serialised once for all who watch all of it. */
const service: AlertsService = {
  ...AlertsService,
  watchAlerts: {
    ...AlertsService.watchAlerts,
    responseSerialize(response: WatchAlertsResponse): Buffer {
      let bytes = serialized.get(response);
      if (!bytes) serialized.set(response, (bytes = AlertsService.watchAlerts.responseSerialize(response)));
      return bytes;
    },
  },
};

/** Handles calls whose answers keep coming. */
function streaming<Request, Response>(
  owner: GrpcOwner,
  name: string,
  pump: (call: ServerWritableStream<Request, Response>) => Promise<void>,
): (call: ServerWritableStream<Request, Response>) => void {
  return (call) => {
    if (call.cancelled) return;
    pump(call).catch((cause: unknown) => {
      call.emit("error", refusalOf(owner, { name, request: call.request }, cause));
    });
  };
}

/** What is open, until the caller goes or control stops (UNAVAILABLE). A client that reads slowly skips to the newest. */
async function watchAlerts(
  call: ServerWritableStream<WatchAlertsRequest, WatchAlertsResponse>,
  feed: AlertParts["feed"],
): Promise<void> {
  const reader = new NewestReader(askedOf(feed, openQuestion(call.request)));
  const close = (): void => reader.close();
  // Cancelled by the client, past its deadline, or cut: grpc-js says so with one event for all three.
  call.once("cancelled", close);
  feed.stopping.addEventListener("abort", close);
  try {
    while (!reader.closed) {
      const now = await reader.next(SLEEP_MS);
      if (now) await taken(call, responseOf(now));
      if (feed.stopping.aborted) throw new StatsError(status.UNAVAILABLE, "control is stopping");
    }
  } finally {
    feed.stopping.removeEventListener("abort", close);
    reader.close();
  }
}

function responseOf(now: OpenAnswer): WatchAlertsResponse {
  let response = watched.get(now);
  if (!response) watched.set(now, (response = toWatched(now)));
  return response;
}

/** How far a try is, then what came of it. A caller who goes calls it off. */
async function backtest(
  call: ServerWritableStream<BacktestRequest, BacktestResponse>,
  answers: AlertParts["answers"],
): Promise<void> {
  const run = answers.backtest(backtestQuestion(call.request, Date.now()));
  call.once("cancelled", () => run.callOff());
  while (!run.isOver) {
    const event = await run.next(SLEEP_MS);
    if (event) await taken(call, toResponse(event));
  }
  if (!call.cancelled) call.end();
}

function toResponse(event: BacktestEvent): BacktestResponse {
  if ("progress" in event) return { event: { $case: "progress", value: event.progress } };
  return { event: { $case: "result", value: toBacktestResult(event.result) } };
}

/** What `answer` throws becomes a rejection. */
function soon<Answer>(answer: () => Answer): Promise<Answer> {
  return new Promise((resolve) => resolve(answer()));
}
