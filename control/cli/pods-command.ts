import { type Command, Option } from "commander";
import { PodOrder } from "../../client/index.ts";
import type { ListPodsResponse } from "../../client/index.ts";
import { addServer, parseNumber, withClient } from "./command.ts";
import { print } from "./output.ts";
import { podsView } from "./pods-view.ts";
import { addWindow, windowOf, type WindowOptions } from "./question-options.ts";
import { addWatch, refusePast, watch, type WatchingOptions } from "./watch-options.ts";

interface PodsOptions extends WindowOptions, WatchingOptions {
  readonly server: string;
  readonly json: boolean;
  readonly order: keyof typeof ORDERS;
  readonly limit: number;
}

const ORDERS = {
  requests: PodOrder.POD_ORDER_REQUESTS,
  bytes: PodOrder.POD_ORDER_BYTES,
  errors: PodOrder.POD_ORDER_ERRORS,
} as const;

/** Adds `sidelight pods`. */
export function addPods(program: Command): void {
  addWatch(addWindow(addServer(program.command("pods"))))
    .description("List pods, the busiest first: what each served and sent.")
    .argument("[workload]", "only pods of this workload (namespace/name)", "")
    .addOption(new Option("--order <measure>", "what comes first").choices(Object.keys(ORDERS)).default("requests"))
    .option("-n, --limit <rows>", "pods at most", parseNumber({ least: 1, most: 10_000, whole: true }), 50)
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (workload: string, options: PodsOptions) => {
      const { filter, order, limit } = options;
      const question = { workload, filters: [...filter], order: ORDERS[order], pageSize: limit };
      const window = windowOf(options);
      const view = podsView();
      await withClient(options.server, async (client) => {
        if (!options.watch) return print(view, await client.pods({ ...question, ...window }).first(), options);
        refusePast(window);
        const dataOf = (answer: ListPodsResponse): ListPodsResponse => answer;
        await watch(client, { kind: "pods", question, view, dataOf }, options);
      });
    });
}

const examples = `
Examples:
  $ sidelight pods                           the busiest pods
  $ sidelight pods shop/user --order errors
  $ sidelight pods --filter node=worker-3 --since 1h
  $ sidelight pods --order bytes --json | jq -r '.pods[] | [.id, .inboundBytesRate] | @tsv'

Bytes are those of opaque TCP connections; requests carry no byte counts.`;
