import { type Context, Hono } from "hono";
import { compress } from "hono/compress";
import { servedEndpoints } from "./served-endpoints.ts";
import { HttpError } from "./http-errors.ts";
import { PastPictures } from "./past-pictures.ts";
import { type NamedRequests, toNamedRequest } from "./named-request.ts";
import {
  parseEndpointsQuery,
  parseExemplarsQuery,
  parseNoQuery,
  parseRoutesQuery,
  parseSeriesQuery,
  parseSnapshotQuery,
  parseTotalsQuery,
} from "./queries.ts";
import { ReadGate, type ReadGateOptions } from "./read-gate.ts";
import { type StreamOptions, streamSnapshots } from "./stream.ts";
import { streamTap } from "./tap-events.ts";
import { parseTapQuery } from "./tap-query.ts";
import type { Store, TimeRange } from "../store/store.ts";
import type { Picture } from "../world/picture.ts";
import type { ApiSources } from "./sources.ts";

export interface ApiRoutesOptions {
  readonly reads?: ReadGateOptions;
  readonly stream?: StreamOptions;
  /** Told of each failure that is control's own fault, with what was asked. */
  readonly onError?: (error: Error) => void;
}

/** The routes below /api/v1. docs/api.md describes each. */
export function apiRoutes(sources: ApiSources, options: ApiRoutesOptions): Hono {
  const { onError } = options;
  const reads = new ReadGate(options.reads);
  const readStore = <Answer>(context: Context, read: (store: Store) => Promise<Answer>): Promise<Answer> => {
    const { store } = sources;
    if (!store) throw new HttpError(503, `Control is starting: ${sources.notReady().join("; ") || "no store yet"}`);
    return reads.run(context.req.raw.signal, () => read(store));
  };

  const pictures = new PastPictures();
  const past = (context: Context, range: TimeRange): Promise<Picture> =>
    pictures.at(range, (wanted) => readStore(context, (store) => store.sums(wanted)));

  const routes = new Hono();
  routes.use(async (context, next) => {
    context.header("Cache-Control", "no-store");
    await next();
  });
  routes.get("/stream", (context) => {
    parseNoQuery(context.req.queries());
    return streamSnapshots(context, sources.feed, { ...(onError && { onError }), ...options.stream });
  });

  routes.get("/tap", (context) => {
    const wish = parseTapQuery(context.req.queries());
    return streamTap(context, sources, { ...(onError && { onError }), ...options.stream, wish });
  });

  routes.use(compress());
  routes.get("/snapshot", async (context) => {
    const range = parseSnapshotQuery(context.req.queries(), Date.now());
    return context.json(range ? (await past(context, range)).snapshot : sources.feed.latest());
  });
  routes.get("/endpoints", async (context) => {
    const query = parseEndpointsQuery(context.req.queries(), Date.now());
    const picture = query.past && (await past(context, query.past));
    const snapshot = picture?.snapshot ?? sources.feed.latest();
    return context.json({ endpoints: servedEndpoints(snapshot, picture ?? sources.world, query) });
  });
  routes.get("/routes", (context) => {
    const { server = "" } = parseRoutesQuery(context.req.queries());
    return context.json({ rules: sources.routes.list(server), untaught: sources.routes.untaught() });
  });
  routes.get("/status", (context) => {
    parseNoQuery(context.req.queries());
    return context.json(sources.status());
  });
  routes.get("/series", async (context) => {
    const { selection, range, stepMs } = parseSeriesQuery(context.req.queries(), Date.now());
    const points = await readStore(context, (store) => store.series(selection, range, stepMs));
    return context.json({ ...range, stepMs, points });
  });
  routes.get("/exemplars", async (context) => {
    const { selection, range, limit } = parseExemplarsQuery(context.req.queries(), Date.now());
    const exemplars = await readStore(context, (store) => store.exemplars(selection, range, limit));
    const answer: NamedRequests = { ...range, ...sources.exemplars, exemplars: exemplars.map(toNamedRequest) };
    return context.json(answer);
  });
  routes.get("/totals", async (context) => {
    const range = parseTotalsQuery(context.req.queries(), Date.now());
    const [edges, losses] = await readStore(context, (store) => {
      return Promise.all([store.totals(range), store.losses(range)]);
    });
    return context.json({ edges, losses });
  });
  return routes;
}
