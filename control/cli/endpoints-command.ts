import { setTimeout as sleep } from "node:timers/promises";
import type { Command } from "commander";
import type { ListEndpointsResponse } from "../../client/index.ts";
import { addServer, parseNumber, withClient } from "./command.ts";
import { type EndpointsData, endpointsView } from "./endpoints-view.ts";
import { showLive } from "./live.ts";
import { isInteractive, page, print } from "./output.ts";
import { addFilter, addWindow, windowOf, type WindowOptions } from "./question-options.ts";
import { addSorting, filtersOf, type SortingOptions } from "./sorting.ts";
import { addWatch, refusePast, watch, type WatchingOptions } from "./watch-options.ts";

interface CommonOptions extends SortingOptions, Pick<WindowOptions, "filter"> {
  readonly server: string;
  readonly json: boolean;
  readonly of: string;
  readonly from: string;
  readonly limit?: number;
}

interface EndpointsOptions extends CommonOptions, WindowOptions, WatchingOptions {}

interface TopOptions extends CommonOptions {
  readonly once: boolean;
  readonly interval: number;
}

/** Adds `sidelight endpoints`. */
export function addEndpoints(program: Command): void {
  addWatch(addWindow(addCommon(program.command("endpoints"))))
    .description("List endpoints, the worst first, then the busiest: now or at a past moment.")
    .addHelpText("after", endpointsExamples)
    .action(async (options: EndpointsOptions) => {
      const question = questionOf(options);
      const window = windowOf(options);
      const view = endpointsView(options);
      await withClient(options.server, async (client) => {
        if (!options.watch) {
          const listing = client.endpoints({ ...question, ...window });
          return print(view, dataOf(await listing.first()), options);
        }
        refusePast(window);
        await watch(client, { kind: "endpoints", question, view, dataOf }, options);
      });
    });
}

/** Adds `sidelight top`. */
export function addTop(program: Command): void {
  addFilter(addCommon(program.command("top")))
    .description("Show endpoints, the worst first, then the busiest. In a terminal it keeps refreshing.")
    .option("-1, --once", "print once, also in a terminal", false)
    .option("-i, --interval <seconds>", "time between refreshes", parseNumber({ least: 0.2, whole: false }), 1)
    .addHelpText("after", topExamples)
    .action(async (options: TopOptions) => {
      const view = endpointsView(options);
      await withClient(options.server, async (client) => {
        const ask = async (signal?: AbortSignal): Promise<EndpointsData> => {
          return dataOf(await client.endpoints(questionOf(options), { signal }).first());
        };
        if (options.once || options.json || !isInteractive()) return print(view, await ask(), options);
        await showLive(
          view,
          (signal) => repeat(ask, options.interval, signal),
          () => page({ scrolls: false }),
        );
      });
    });
}

function addCommon(command: Command): Command {
  return addSorting(addServer(command))
    .option("--of <server>", "only what this workload serves (namespace/name)", "")
    .option("--from <client>", "only what this workload asks for (namespace/name)", "")
    .option("-n, --limit <rows>", "endpoints at most", parseNumber({ least: 1, whole: true }))
    .option("--json", "write JSON for programs instead of a table", false);
}

/** Without a page size an answer is whole. */
function questionOf(options: CommonOptions) {
  return { server: options.of, client: options.from, filters: filtersOf(options) };
}

function dataOf({ at = new Date(), windowSeconds, endpoints }: ListEndpointsResponse): EndpointsData {
  return { at, windowSeconds, endpoints };
}

async function* repeat<Data>(
  ask: (signal: AbortSignal) => Promise<Data>,
  seconds: number,
  signal: AbortSignal,
): AsyncIterable<Data> {
  while (!signal.aborted) {
    yield await ask(signal);
    await sleep(seconds * 1000, undefined, { signal }).catch(() => {});
  }
}

const endpointsExamples = `
Examples:
  $ sidelight endpoints --of shop/user --at 03:14
  $ sidelight endpoints --since 1h --sort errors --limit 20
  $ sidelight endpoints --filter method=POST --filter 'route!~^/health'
  $ sidelight endpoints --watch --json       a JSON document a line, for programs`;

const topExamples = `
Examples:
  $ sidelight top --sort p99
  $ sidelight top --of shop/user --from shop/orders
  $ sidelight top --once --limit 10
  $ sidelight top --json | jq -r '.endpoints[] | [.server, .route, .p99Seconds] | @tsv'`;
