import type { Command } from "commander";
import { addServer, parseNumber, withClient } from "./command.ts";
import { print } from "./output.ts";
import { sloListView } from "./slo-list-view.ts";

interface ListOptions {
  readonly server: string;
  readonly json: boolean;
  readonly workload: string;
  readonly limit: number;
}

/** Rows that control hands out at once. */
const MOST = 5_000;

/** Adds `sidelight slo list`. */
export function addSloList(slo: Command): void {
  addServer(slo.command("list"))
    .description("List objectives: what is left of their budgets, how fast it is used up, and when it runs out.")
    .argument("[slo]", "only this SLO", "")
    .option("--workload <workload>", "only those of this workload (namespace/name)", "")
    .option("-n, --limit <rows>", "objectives at most", parseNumber({ least: 1, most: MOST, whole: true }), 500)
    .option("--json", "write JSON for programs instead of a table", false)
    .action(async (name: string, options: ListOptions) => {
      const { workload, limit } = options;
      await withClient(options.server, async (client) => {
        print(sloListView(), await client.alerts.objectives({ slo: name, workload, limit }), options);
      });
    });
}
