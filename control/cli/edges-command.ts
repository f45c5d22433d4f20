import { type Command, Option } from "commander";
import { Attribute, Direction } from "../../client/index.ts";
import type { SidelightClient } from "../../client/index.ts";
import { addServer, parseNumber, withClient } from "./command.ts";
import { edgesView } from "./edges-view.ts";
import { print } from "./output.ts";
import { addWindow, readAttribute, windowOf, type WindowOptions } from "./question-options.ts";
import { addSorting, filtersOf, type SortingOptions } from "./sorting.ts";
import { addWatch, refusePast, watch, type WatchingOptions } from "./watch-options.ts";

interface EdgesOptions extends WindowOptions, SortingOptions, WatchingOptions {
  readonly server: string;
  readonly json: boolean;
  readonly groupBy?: Attribute;
  readonly around?: string;
  readonly hops?: number;
  readonly direction: keyof typeof DIRECTIONS;
}

const DIRECTIONS = {
  both: Direction.DIRECTION_UNSPECIFIED,
  clients: Direction.DIRECTION_CLIENTS,
  servers: Direction.DIRECTION_SERVERS,
} as const;

/** Adds `sidelight edges`. */
export function addEdges(program: Command): void {
  const command = addServer(program.command("edges"))
    .description("List who calls whom, the worst first: rate, errors and latency of each edge.")
    .addOption(
      new Option("-g, --group-by <what>", "merge by namespace, service, version, node or pod").argParser(readAttribute),
    )
    .option("--around <workload>", "only what lies within some hops of it (namespace/name)")
    .option(
      "--hops <hops>",
      "how many, with --around; 1 where left out",
      parseNumber({ least: 1, most: 10, whole: true }),
    )
    .addOption(
      new Option("--direction <way>", "which way to go from it").choices(Object.keys(DIRECTIONS)).default("both"),
    );
  addWatch(addSorting(addWindow(command)))
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (options: EdgesOptions) => {
      await withClient(options.server, (client) => show(client, options));
    });
}

async function show(client: SidelightClient, options: EdgesOptions): Promise<void> {
  const view = edgesView(options);
  const { groupBy = Attribute.ATTRIBUTE_WORKLOAD, around = "", hops = 0, direction } = options;
  const question = { filters: filtersOf(options), groupBy, around, hops, direction: DIRECTIONS[direction] };
  const window = windowOf(options);
  if (!options.watch) return print(view, await client.topology({ ...question, ...window }), options);
  refusePast(window);
  await watch(client, { kind: "topology", question, view, dataOf: ({ topology }) => topology }, options);
}

const examples = `
Examples:
  $ sidelight edges --namespace shop --sort rate
  $ sidelight edges --around shop/orders --hops 2 --direction servers
  $ sidelight edges --group-by namespace --filter protocol!=tcp
  $ sidelight edges --at 03:14 --since 10m   the ten minutes before 03:14
  $ sidelight edges --watch
  $ sidelight edges --watch --json           a JSON document a line, for programs
  $ sidelight edges --server control.sidelight:9400`;
