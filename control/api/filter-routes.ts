import { getConnInfo } from "@hono/node-server/conninfo";
import { Hono } from "hono";
import { filterSource, type FilterModule, type ServedFilter } from "./filter-module.ts";
import { HttpError } from "./http-errors.ts";

/** The answer of `GET /api/v1/filter`: what somebody has to know who attaches the filter to a mesh. */
export interface FilterAnswer {
  readonly sha256: string;
  /** How large it is. */
  readonly bytes: number;
  /** Where control serves it. */
  readonly path: string;
  /** What a mesh is told; null where nobody said how sidecars reach control. */
  readonly source: { readonly url: string; readonly sha256: string | null } | null;
}

/** @throws HttpError 404 where the filter is not built */
export function filterAnswer(filter: ServedFilter | undefined): FilterAnswer {
  const module = builtModule(filter);
  const { sha256, bytes, path } = module;
  const source = filter?.url === undefined ? undefined : filterSource(module, filter.url);
  return {
    ...{ sha256, bytes: bytes.length, path },
    source: source ? { url: source.url, sha256: source.sha256 ?? null } : null,
  };
}

/** Serves the module below /filter, to the agents of sidecars. */
export function filterRoutes(filter: ServedFilter | undefined): Hono {
  const routes = new Hono();
  routes.get("/:file", (context) => {
    const { sha256, bytes, path } = builtModule(filter);
    if (context.req.path !== path) {
      throw new HttpError(404, `That is not the filter of this version of Sidelight, which is at ${path}`);
    }
    if (context.req.method === "GET") filter?.onFetch?.(getConnInfo(context).remote.address ?? "");
    const etag = `"${sha256}"`;
    context.header("ETag", etag);
    context.header("Cache-Control", "public, max-age=31536000, immutable");
    if (context.req.header("If-None-Match") === etag) return context.body(null, 304);
    context.header("Content-Type", "application/wasm");
    context.header("Content-Length", String(bytes.length));
    return context.body(bytes);
  });
  return routes;
}

function builtModule(filter: ServedFilter | undefined): FilterModule {
  if (filter?.module) return filter.module;
  throw new HttpError(404, "The filter is not built here: run `npm run build -- filter` and start control again");
}
