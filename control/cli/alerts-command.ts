import { type Command, Option } from "commander";
import type { SidelightClient } from "../../client/index.ts";
import { alertsView, incidentsView } from "./alerts-view.ts";
import { CliError } from "./cli-error.ts";
import { addServer, parseNumber, parseTime, withClient } from "./command.ts";
import { print } from "./output.ts";
import { keepShowing } from "./watch-options.ts";

interface PastOptions {
  readonly server: string;
  readonly json: boolean;
  /** Seconds. */
  readonly since?: number;
  readonly limit: number;
}

interface AlertsOptions extends PastOptions {
  readonly rule: string;
  readonly label: readonly string[];
  readonly watch: boolean;
}

const SINCE = { units: ["s", "m", "h", "d"], words: "90s, 15m, 24h or 7d" };
/** Rows that control hands out at once. */
const MOST = 5_000;

/** Adds `sidelight alerts`. */
export function addAlerts(program: Command): void {
  addPast(program.command("alerts"), "alerts")
    .description("List alerts that are pending or firing, the worst and newest first; or those of the past.")
    .option("--rule <name>", "only those of this rule", "")
    .addOption(
      new Option("-l, --label <label>", "only those that have it, such as workload=shop/user or severity=critical")
        .argParser((text: string, before: readonly string[]) => [...before, text])
        .default([], "none"),
    )
    .option("-w, --watch", "keep showing what is open; with --json a document a line", false)
    .addHelpText("after", examples)
    .action(async (options: AlertsOptions) => {
      await withClient(options.server, async (client) => {
        if (options.watch) return watchAlerts(client, options);
        const { rule, label: labels, limit } = options;
        const answer = await client.alerts.list({ ...rangeOf(options), rule, labels: [...labels], limit });
        print(alertsView(), answer, options);
      });
    });
}

/** Adds `sidelight incidents`. */
export function addIncidents(program: Command): void {
  addPast(program.command("incidents"), "incidents")
    .description("List incidents that are open, alerts with one origin as one; or those of the past.")
    .action(async (options: PastOptions) => {
      await withClient(options.server, async (client) => {
        const { limit } = options;
        print(incidentsView(), await client.alerts.incidents({ ...rangeOf(options), limit }), options);
      });
    });
}

function addPast(command: Command, what: string): Command {
  return addServer(command)
    .addOption(
      new Option("--since <time>", `${what} of the past, so far back, such as 2h or 7d`).argParser(parseTime(SINCE)),
    )
    .option("-n, --limit <rows>", `${what} at most`, parseNumber({ least: 1, most: MOST, whole: true }), 500)
    .option("--json", "write JSON for programs instead of a table", false);
}

/** @throws CliError where something was asked for that a watch does not do */
async function watchAlerts(client: SidelightClient, { since, rule, label, json }: AlertsOptions): Promise<void> {
  if (since !== undefined) throw new CliError("usage", "--watch shows the present: leave --since out");
  if (rule !== "" || label.length > 0) {
    throw new CliError("usage", "--watch shows all that is open: leave --rule and --label out");
  }
  await keepShowing(alertsView(), (signal, onCut) => client.alerts.watch({ signal, onCut }), { json });
}

function rangeOf({ since }: PastOptions): { readonly from?: Date; readonly to?: Date } {
  if (since === undefined) return {};
  const to = new Date();
  return { from: new Date(to.getTime() - since * 1_000), to };
}

const examples = `
Examples:
  $ sidelight alerts                         what is pending or firing now
  $ sidelight alerts --watch                 the same, live; q quits
  $ sidelight alerts --since 7d --rule user-availability
  $ sidelight alerts -l workload=shop/user -l severity=critical
  $ sidelight alerts --json | jq -r '.alerts[] | select(.state == "firing") | .summary'`;
