/** Wires what turns paths into routes: the user's rules and where they come from, the book, its file, and the teaching. */
import { Switch } from "#proto/ingest.ts";
import type { Registry } from "prom-client";
import type { RouteRuleStatus, RoutesSource } from "./api/sources.ts";
import type { Config } from "./config.ts";
import type { Inventory } from "./identity/inventory.ts";
import { callerId, nameReporter } from "./identity/name-window.ts";
import { BookFile } from "./routes/book-file.ts";
import { registerRouteMetrics } from "./routes/metrics.ts";
import { OpenApiFolder } from "./routes/openapi-folder.ts";
import { RouteBook } from "./routes/route-book.ts";
import { readRouteRules } from "./routes/rules-file.ts";
import type { Place } from "./routes/service-routes.ts";
import { Teaching } from "./routes/teaching.ts";
import { ROUTES_ANNOTATION, UserRules } from "./routes/user-rules.ts";

export interface RoutingDeps {
  readonly config: Config;
  readonly inventory: Inventory;
  /** The file of learned routes. */
  readonly bookPath: string;
  readonly registry: Registry;
  readonly onError: (error: Error) => void;
  /** Told when the user's rules have changed: what was counted before is to follow. */
  readonly onRulesChanged: () => void;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

export interface Routing {
  readonly book: RouteBook;
  readonly teaching: Teaching;
  readonly routes: RoutesSource;
  /** The inventory, and with it annotations, may have changed. */
  inventoryChanged(): void;
  /** Ends what it watches and brings to the disk what was learned. */
  stop(): Promise<void>;
}

/** Reads rules, documents and what was learned before. Throws when a setting names something that cannot be read. */
export async function startRouting(deps: RoutingDeps): Promise<Routing> {
  const { config, inventory, onError, now } = deps;
  const settings = config.routes ? await readRouteRules(config.routes) : [];
  const documents = config.openApiDir
    ? await OpenApiFolder.load(config.openApiDir, { changed: () => refresh(), refused: onError })
    : undefined;
  const rules = new UserRules({
    settings,
    annotations: () => inventory.annotated(ROUTES_ANNOTATION),
    openapi: () => documents?.rules() ?? new Map(),
    refused: onError,
  });
  const file = new BookFile(deps.bookPath, { damaged: onError, failed: onError });
  const book = new RouteBook({
    rulesOf: (server) => rules.of(server),
    onChange(servers) {
      save();
      teaching.changed(servers);
    },
  });
  const teaching = new Teaching({
    settings: {
      intervalMillis: config.reportIntervalMs,
      routes: settings,
      maxEndpoints: config.maxEndpoints,
      // Where they are not off for all, each sidecar's own word holds: one that is to name none goes on naming none.
      exemplars: config.exemplars ? Switch.SWITCH_UNSPECIFIED : Switch.SWITCH_OFF,
    },
    callerOf: (hello) => callerId(nameReporter(hello, inventory, now()), hello),
    rulesOf: (server) => rules.taught(server),
    placesOf: (server) => book.placesOf(server),
    onCallers: () => save(),
  });
  const save = (): void => file.save(() => ({ book: book.content(), callers: teaching.callers() }));
  const refresh = (): void => {
    const servers = rules.refresh();
    if (servers.length === 0) return;
    book.rulesChanged();
    teaching.changed(servers);
    deps.onRulesChanged();
  };
  const content = await file.read();
  book.restore(content.book);
  teaching.restore(content.callers);
  registerRouteMetrics(deps.registry, () => ({ ...book.size(), ...teaching.size() }));
  const unwatch = documents?.watch();
  return {
    book,
    teaching,
    routes: routesSource(book, rules, teaching),
    inventoryChanged() {
      refresh();
      teaching.renamed();
    },
    async stop() {
      unwatch?.();
      teaching.close();
      await file.flushed();
    },
  };
}

function routesSource(book: RouteBook, rules: UserRules, teaching: Teaching): RoutesSource {
  const stated = (server: string): RouteRuleStatus[] => {
    return rules
      .list(server)
      .map((rule) => ({ server: rule.source === "settings" ? "" : server, ...rule, ...UNLEARNED }));
  };
  const learned = (server: string): RouteRuleStatus[] => {
    return book.placesOf(server).flatMap((place) => toStatus(server, place));
  };
  const ofAll = (): RouteRuleStatus[] => {
    const servers = [...new Set([...rules.servers(), ...book.learned()])].sort();
    const own = servers.flatMap((server) => [...stated(server), ...learned(server)]);
    return [...stated(""), ...own.filter(({ server }) => server !== "")];
  };
  return {
    list: (server) => (server === "" ? ofAll() : [...stated(server), ...learned(server)]),
    untaught: () => teaching.size().untaught,
    forget: (server, rule) => book.forget(server, rule),
  };
}

const UNLEARNED = { sinceMs: null, values: null } as const;

/** A learned place, and the names that stay at it. */
function toStatus(server: string, { place, sinceMs, values, names }: Place): RouteRuleStatus[] {
  const before = place.slice(0, place.lastIndexOf("/"));
  const kept = [...names].sort().map((name) => ({ rule: `${before}/${name}`, values: null }));
  return [{ rule: place, values }, ...kept].map((one) => ({ server, source: "learned", sinceMs, ...one }));
}
