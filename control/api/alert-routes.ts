import { Hono } from "hono";
import { compress } from "hono/compress";
import type { AlertAnswers } from "./alert-answers.ts";
import {
  applyBody,
  backtestBody,
  parseAlertsQuery,
  parseIncidentsQuery,
  parseObjectivesQuery,
  parseObjectsQuery,
  parseOpenQuery,
  requireKind,
  settleBody,
  testBody,
  toBacktest,
} from "./alert-queries.ts";
import type { AlertsFeed } from "./alerts-feed.ts";
import { streamBacktest } from "./backtest-lines.ts";
import { readBody } from "./json-body.ts";
import { askedOf } from "./open-alerts.ts";
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
    const question = parseOpenQuery(context.req.queries());
    return streamNewest(context, { name: "alerts", feed: askedOf(feed, question) }, stream);
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

  routes.post("/objects", async (context) => {
    parseNoQuery(context.req.queries());
    const { yaml, dryRun = false } = await readBody(context, applyBody);
    return context.json(await answers.apply(yaml, dryRun));
  });
  routes.delete("/objects/:kind/:name", async (context) => {
    parseNoQuery(context.req.queries());
    const { kind, name } = context.req.param();
    requireKind(kind);
    await answers.remove(kind, name);
    return context.json({});
  });
  routes.post("/backtest", async (context) => {
    parseNoQuery(context.req.queries());
    const question = toBacktest(await readBody(context, backtestBody), Date.now());
    return streamBacktest(context, answers.backtest(question), stream);
  });
  routes.post("/receivers/:name/test", async (context) => {
    parseNoQuery(context.req.queries());
    await readBody(context, testBody);
    return context.json(await answers.test(context.req.param("name")));
  });
  routes.post("/receivers/:name/dead", async (context) => {
    parseNoQuery(context.req.queries());
    const { ids = [], drop = false } = await readBody(context, settleBody);
    return context.json(await answers.settle(context.req.param("name"), ids, drop));
  });
  return routes;
}
