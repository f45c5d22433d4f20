import { Hono } from "hono";
import { compress } from "hono/compress";
import { secureHeaders } from "hono/secure-headers";
import type { Registry } from "prom-client";
import { allowedMethods } from "./allowed-methods.ts";
import { apiRoutes, type ApiRoutesOptions } from "./api-routes.ts";
import { filterRoutes } from "./filter-routes.ts";
import { answerError, HttpError, toHttpError } from "./http-errors.ts";
import { MetricsPage } from "./metrics-page.ts";
import { uiHandler } from "./ui-routes.ts";
import type { ApiSources } from "./sources.ts";

export interface HttpOptions extends ApiRoutesOptions {
  /** Folder of the built UI. */
  readonly uiDir: string;
  /** What /metrics exposes. */
  readonly metrics: Registry;
  /** Edges that get series of their own there at most; see MetricsPageOptions. */
  readonly metricsEdges?: number;
}

/** Everything that control answers over HTTP: the API, the UI, its own metrics and its health. */
export function createHttpApp(sources: ApiSources, options: HttpOptions): Hono {
  const app = new Hono();
  app.use(securityHeaders());
  app.use(async (context, next) => {
    const { method, path } = context.req;
    const allowed = allowedMethods(path);
    if (allowed.includes(method)) return next();
    context.header("Allow", allowed.join(", "));
    throw new HttpError(405, `${method} is not allowed here, only ${allowed.join(", ")}`);
  });
  app.onError((cause, context) => {
    const error = toHttpError(cause);
    if (error.status === 500)
      options.onError?.(new Error(`Answering ${context.req.method} ${context.req.path}`, { cause }));
    return answerError(context, error);
  });

  app.route("/api/v1", apiRoutes(sources, options));
  app.all("/api/*", (context) => {
    throw new HttpError(404, `There is no ${context.req.path.slice(0, 200)}; docs/api.md lists what there is`);
  });
  app.route("/filter", filterRoutes(options.filter));
  app.get("/healthz", (context) => context.text("ok\n", 200, { "Cache-Control": "no-store" }));
  app.get("/readyz", (context) => {
    const reasons = sources.notReady();
    const text = reasons.length === 0 ? "ready\n" : reasons.map((reason) => `not ready: ${reason}\n`).join("");
    return context.text(text, reasons.length === 0 ? 200 : 503, { "Cache-Control": "no-store" });
  });
  const metrics = new MetricsPage(sources, { registry: options.metrics, maxEdges: options.metricsEdges });
  app.get("/metrics", compress(), async (context) => {
    return context.body(streamOf(await metrics.read()), 200, {
      "Content-Type": metrics.contentType,
      "Cache-Control": "no-store",
    });
  });
  app.get("*", uiHandler(options.uiDir));
  return app;
}

/** Hands out a piece when the one before was taken. */
function streamOf(pieces: readonly Uint8Array<ArrayBuffer>[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  const rest = pieces.values();
  return new ReadableStream({
    pull(controller) {
      const { value } = rest.next();
      if (value) controller.enqueue(value);
      else controller.close();
    },
  });
}

/** The UI loads everything from its own origin, and no page may frame it. */
function securityHeaders(): ReturnType<typeof secureHeaders> {
  return secureHeaders({
    contentSecurityPolicy: {
      defaultSrc: ["'none'"],
      scriptSrc: ["'self'"],
      // Positions on the map and sizes of charts are style attributes.
      styleSrc: ["'self'", "'unsafe-inline'"],
      imgSrc: ["'self'", "data:"],
      fontSrc: ["'self'"],
      connectSrc: ["'self'"],
      workerSrc: ["'self'"],
      manifestSrc: ["'self'"],
      baseUri: ["'none'"],
      formAction: ["'none'"],
      frameAncestors: ["'none'"],
    },
    xFrameOptions: "DENY",
    referrerPolicy: "no-referrer",
    // Whether TLS is in front of control is not for control to say.
    strictTransportSecurity: false,
  });
}
