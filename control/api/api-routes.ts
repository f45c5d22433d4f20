import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { AlertAnswers } from "./alert-answers.ts";
import { type AlertParts, alertRoutes } from "./alert-routes.ts";
import { AlertsFeed } from "./alerts-feed.ts";
import { Answers } from "./answers.ts";
import type { ServedFilter } from "./filter-module.ts";
import { filterAnswer } from "./filter-routes.ts";
import { HistoryReader } from "./history-reader.ts";
import { type NamedRequests, toNamedRequest } from "./named-request.ts";
import { optedIn } from "./opted-in.ts";
import { Pages } from "./pages.ts";
import {
  parseExemplarsQuery,
  parseNoQuery,
  parseOptedInQuery,
  parseRoutesQuery,
  parseSnapshotQuery,
  parseTotalsQuery,
} from "./queries.ts";
import type { ReadGateOptions } from "./read-gate.ts";
import { seriesOf } from "./series-answers.ts";
import { parseSeriesQuery } from "./series-queries.ts";
import { type StreamOptions, streamNewest } from "./stream.ts";
import { streamTap } from "./tap-events.ts";
import { parseTapQuery } from "./tap-query.ts";
import {
  parseEndpointsQuery,
  parsePathsQuery,
  parsePodsQuery,
  parseTopologyQuery,
  parseWorkloadsQuery,
} from "./topology-queries.ts";
import { streamWatch } from "./watch-events.ts";
import { Watches } from "./watches.ts";
import type { Store } from "../store/store.ts";
import type { ApiSources } from "./sources.ts";

export interface ApiRoutesOptions {
  /** Shared with the gRPC API; one of its own, with `reads`, where not given. */
  readonly history?: HistoryReader;
  /** As `history`. */
  readonly pages?: Pages;
  /** As `history`. */
  readonly watches?: Watches;
  /** As `history`. */
  readonly alerts?: AlertParts;
  readonly reads?: ReadGateOptions;
  readonly stream?: StreamOptions;
  /** What sidecars are to run; not built, where left out. */
  readonly filter?: ServedFilter;
  /** Told of each failure that is control's own fault, with what was asked. */
  readonly onError?: (error: Error) => void;
}

/** The routes below /api/v1. docs/api.md describes each. */
export function apiRoutes(sources: ApiSources, options: ApiRoutesOptions): Hono {
  const { onError } = options;
  const history = options.history ?? new HistoryReader(sources, options.reads);
  const readStore = <Answer>(
    context: Context,
    ask: (store: Store, givenUp: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> => history.read(context.req.raw.signal, ask);
  const answers = new Answers(sources, history, options.pages ?? new Pages());

  const alerts = options.alerts ?? {
    answers: new AlertAnswers(sources, history),
    feed: new AlertsFeed(sources, { ...(onError && { onError }) }),
  };

  const routes = new Hono();
  routes.use(async (context, next) => {
    context.header("Cache-Control", "no-store");
    await next();
  });
  routes.get("/stream", (context) => {
    parseNoQuery(context.req.queries());
    const { feed } = sources;
    return streamNewest(context, { name: "snapshot", feed }, { ...(onError && { onError }), ...options.stream });
  });

  routes.get("/tap", (context) => {
    const wish = parseTapQuery(context.req.queries());
    return streamTap(context, sources, { ...(onError && { onError }), ...options.stream, wish });
  });

  const watches = options.watches ?? new Watches(answers, sources);
  routes.get("/watch/:kind", (context) => {
    return streamWatch(context, watches, { ...(onError && { onError }), ...options.stream });
  });

  routes.route("/", alertRoutes(alerts, { ...(onError && { onError }), ...options.stream }));

  routes.use(compress());
  routes.get("/snapshot", async (context) => {
    const past = parseSnapshotQuery(context.req.queries(), Date.now());
    return context.json(past ? (await history.picture(past, context.req.raw.signal)).snapshot : sources.feed.latest());
  });
  routes.get("/workloads", async (context) => {
    const question = parseWorkloadsQuery(context.req.queries(), Date.now());
    return context.json(await answers.workloads(question, context.req.raw.signal));
  });
  routes.get("/topology", async (context) => {
    const question = parseTopologyQuery(context.req.queries(), Date.now());
    return context.json(await answers.topology(question, context.req.raw.signal));
  });
  routes.get("/endpoints", async (context) => {
    const question = parseEndpointsQuery(context.req.queries(), Date.now());
    return context.json(await answers.endpoints(question, context.req.raw.signal));
  });
  routes.get("/paths", async (context) => {
    const question = parsePathsQuery(context.req.queries(), Date.now());
    return context.json(await answers.paths(question, context.req.raw.signal));
  });
  routes.get("/pods", async (context) => {
    const question = parsePodsQuery(context.req.queries(), Date.now());
    return context.json(await answers.pods(question, context.req.raw.signal));
  });
  routes.get("/routes", (context) => {
    const { server = "" } = parseRoutesQuery(context.req.queries());
    return context.json({ rules: sources.routes.list(server), untaught: sources.routes.untaught() });
  });
  routes.get("/opt-in", (context) => {
    return context.json(optedIn(sources, parseOptedInQuery(context.req.queries())));
  });
  routes.get("/status", (context) => {
    parseNoQuery(context.req.queries());
    return context.json(sources.status());
  });
  routes.get("/filter", (context) => {
    parseNoQuery(context.req.queries());
    return context.json(filterAnswer(options.filter));
  });
  routes.get("/series", async (context) => {
    const wish = parseSeriesQuery(context.req.queries(), Date.now());
    return context.json(await seriesOf(history, wish, context.req.raw.signal));
  });
  routes.get("/exemplars", async (context) => {
    const { selection, range, limit } = parseExemplarsQuery(context.req.queries(), Date.now());
    const exemplars = await readStore(context, (store) => store.exemplars(selection, range, limit));
    const answer: NamedRequests = { ...range, ...sources.exemplars, exemplars: exemplars.map(toNamedRequest) };
    return context.json(answer);
  });
  routes.get("/totals", async (context) => {
    const range = parseTotalsQuery(context.req.queries(), Date.now());
    const [edges, losses] = await readStore(context, (store, givenUp) => {
      return Promise.all([store.totals(range, givenUp), store.losses(range)]);
    });
    return context.json({ edges, losses });
  });
  return routes;
}
