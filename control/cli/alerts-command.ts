import { type Command, Option } from "commander";
import type { SidelightClient, WatchAlertsResponse } from "../../client/index.ts";
import { alertsView, incidentsView, type IncidentsData } from "./alerts-view.ts";
import { CliError } from "./cli-error.ts";
import { addServer, parseNumber, parseTime, withClient } from "./command.ts";
import { print } from "./output.ts";
import type { View } from "./view.ts";
import { keepShowing, type Telling } from "./watch-options.ts";

interface PastOptions {
  readonly server: string;
  readonly json: boolean;
  /** Seconds. */
  readonly since?: number;
  readonly limit: number;
  readonly watch: boolean;
}

interface AlertsOptions extends PastOptions {
  readonly rule: string;
  readonly label: readonly string[];
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
    .addHelpText("after", examples)
    .action(async (options: AlertsOptions) => {
      await withClient(options.server, async (client) => {
        const { rule, label, limit } = options;
        const question = { rule, labels: [...label], limit };
        if (options.watch) return watchOpen(client, { view: alertsView(), question, dataOf: (open) => open }, options);
        print(alertsView(), await client.alerts.list({ ...rangeOf(options), ...question }), options);
      });
    });
}

/** Adds `sidelight incidents`. */
export function addIncidents(program: Command): void {
  addPast(program.command("incidents"), "incidents")
    .description("List incidents that are open, alerts with one origin as one; or those of the past.")
    .action(async (options: PastOptions) => {
      await withClient(options.server, async (client) => {
        const question = { limit: options.limit };
        if (options.watch) return watchOpen(client, { view: incidentsView(), question, dataOf: incidentsOf }, options);
        print(incidentsView(), await client.alerts.incidents({ ...rangeOf(options), ...question }), options);
      });
    });
}

function addPast(command: Command, what: string): Command {
  return addServer(command)
    .addOption(
      new Option("--since <time>", `${what} of the past, so far back, such as 2h or 7d`).argParser(parseTime(SINCE)),
    )
    .option("-n, --limit <rows>", `${what} at most`, parseNumber({ least: 1, most: MOST, whole: true }), 500)
    .option("-w, --watch", "keep showing what is open; with --json a document a line", false)
    .option("--json", "write JSON for programs instead of a table", false);
}

interface WatchedOpen<Data> {
  readonly question: { readonly rule?: string; readonly labels?: string[]; readonly limit: number };
  readonly view: View<Data>;
  /** What the view shows of an answer. */
  readonly dataOf: (open: WatchAlertsResponse) => Data;
}

/** @throws CliError where a past was asked for: what is watched is the present */
async function watchOpen<Data>(
  client: SidelightClient,
  { question, view, dataOf }: WatchedOpen<Data>,
  { since, json }: PastOptions,
): Promise<void> {
  if (since !== undefined) throw new CliError("usage", "--watch shows the present: leave --since out");
  const updates: Telling<Data> = async function* (signal, onCut) {
    for await (const open of client.alerts.watch(question, { signal, onCut })) yield dataOf(open);
  };
  await keepShowing(view, updates, { json });
}

function incidentsOf({ at, incidents, isIncidentsCut }: WatchAlertsResponse): IncidentsData {
  return { at, incidents, isCut: isIncidentsCut };
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
  $ sidelight alerts --watch -l owner=team-user
  $ sidelight alerts --since 7d --rule user-availability
  $ sidelight alerts -l workload=shop/user -l severity=critical
  $ sidelight alerts --json | jq -r '.alerts[] | select(.state == "firing") | .summary'`;
