import type { Command } from "commander";
import { addServer, parseNumber, withClient } from "./command.ts";
import { print } from "./output.ts";
import { pathsView } from "./paths-view.ts";
import { addWindow, windowOf, type WindowOptions } from "./question-options.ts";

interface PathsOptions extends WindowOptions {
  readonly server: string;
  readonly json: boolean;
  readonly maxHops: number;
  readonly limit: number;
}

/** Adds `sidelight paths`. */
export function addPaths(program: Command): void {
  addWindow(addServer(program.command("paths")))
    .description("List the ways by which requests get from one workload to another, the shortest first.")
    .argument("<client>", "where they begin (namespace/name)")
    .argument("<server>", "where they end (namespace/name)")
    .option("--max-hops <hops>", "edges that a way may have", parseNumber({ least: 1, most: 16, whole: true }), 8)
    .option("-n, --limit <rows>", "ways at most", parseNumber({ least: 1, most: 1_000, whole: true }), 50)
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (client: string, server: string, options: PathsOptions) => {
      const { filter, maxHops, limit } = options;
      const question = { client, server, filters: [...filter], maxHops, pageSize: limit, ...windowOf(options) };
      await withClient(options.server, async (control) => {
        print(pathsView({ client, server, maxHops }), await control.paths(question).first(), options);
      });
    });
}

const examples = `
Examples:
  $ sidelight paths shop/edge-router shop/user-db
  $ sidelight paths shop/front-end shop/user --max-hops 3 --filter protocol=http
  $ sidelight paths shop/front-end shop/user --at 03:14 --since 10m --json`;
