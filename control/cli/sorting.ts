import { type Command, Option } from "commander";
import { filter } from "../../client/index.ts";
import type { Filter } from "../../client/index.ts";
import { type SortKey, sortKeys } from "./red-columns.ts";

/** What a table of edges or endpoints is narrowed to and sorted by. */
export interface SortingOptions {
  readonly namespace?: string;
  readonly sort: SortKey;
}

export function addSorting(command: Command): Command {
  return command
    .option("--namespace <name>", "only workloads of this namespace")
    .addOption(new Option("--sort <key>", "what comes first").choices(sortKeys).default("health"));
}

/** All that has to hold of what is shown. */
export function filtersOf({
  namespace,
  ...options
}: SortingOptions & { readonly filter: readonly Filter[] }): Filter[] {
  return namespace ? [filter(`namespace=${namespace}`), ...options.filter] : [...options.filter];
}
