import { Hono } from "hono";
import { compress } from "hono/compress";
import type { AlertAnswers } from "./alert-answers.ts";
import { parseAlertsQuery, parseIncidentsQuery, parseObjectivesQuery, parseObjectsQuery } from "./alert-queries.ts";
import type { AlertsFeed } from "./alerts-feed.ts";
import { parseNoQuery } from "./queries.ts";
import { type StreamOptions, streamNewest } from "./stream.ts";

/** What both APIs share of alerts. */
export interface AlertParts {
  readonly answers: AlertAnswers;
  readonly feed: AlertsFeed;
}

/** The routes below /api/v1 that are about alerts. docs/api.md describes each. */
export function alertRoutes({ answers, feed }: AlertParts, stream: StreamOptions): Hono {
  const routes = new Hono();
  routes.get("/alerts/stream", (context) => {
    parseNoQuery(context.req.queries());
    return streamNewest(context, { name: "alerts", feed }, stream);
  });

  const compressed = compress();
  routes.get("/alerts", compressed, async (context) => {
    const question = parseAlertsQuery(context.req.queries(), Date.now());
    return context.json(await answers.alerts(question, context.req.raw.signal));
  });
  routes.get("/incidents", compressed, async (context) => {
    const question = parseIncidentsQuery(context.req.queries(), Date.now());
    return context.json(await answers.incidents(question, context.req.raw.signal));
  });
  routes.get("/objectives", compressed, (context) => {
    return context.json(answers.objectives(parseObjectivesQuery(context.req.queries())));
  });
  routes.get("/objects", compressed, (context) => {
    return context.json(answers.objects(parseObjectsQuery(context.req.queries())));
  });
  routes.get("/receivers", compressed, (context) => {
    parseNoQuery(context.req.queries());
    return context.json(answers.receivers());
  });
  return routes;
}
