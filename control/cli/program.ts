import { readFileSync } from "node:fs";
import { Command, CommanderError } from "commander";
import { addAlerts, addIncidents } from "./alerts-command.ts";
import { CliError } from "./cli-error.ts";
import { addEdges } from "./edges-command.ts";
import { addEndpoints, addTop } from "./endpoints-command.ts";
import { addPaths } from "./paths-command.ts";
import { addPods } from "./pods-command.ts";
import { addRequests } from "./requests-command.ts";
import { addRoutes } from "./routes-command.ts";
import { addSeries } from "./series-command.ts";
import { addSlo } from "./slo-command.ts";
import { addStatus } from "./status-command.ts";
import { addTap } from "./tap-command.ts";

/**
 * Runs a command line (without the program's own name).
 * @throws CliError when it could not do what it says.
 */
export async function runCli(args: readonly string[]): Promise<void> {
  const program = new Command("sidelight")
    .description("What your services ask of each other, read from Sidelight's control over gRPC.")
    .version(version(), "-V, --version")
    .exitOverride()
    .showHelpAfterError("See sidelight --help.")
    .addHelpText("after", overview);
  addEdges(program);
  addTop(program);
  addEndpoints(program);
  addSeries(program);
  addPaths(program);
  addPods(program);
  addRequests(program);
  addTap(program);
  addRoutes(program);
  addAlerts(program);
  addIncidents(program);
  addSlo(program);
  addStatus(program);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Commander has written its message, or the help that was asked for, already.
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new CliError("usage", "", { cause: error });
  }
}

function version(): string {
  const path = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

const overview = `
Examples:
  $ sidelight edges                          who calls whom, the worst first
  $ sidelight top                            endpoints, live; q quits
  $ sidelight top --of shop/user        what one workload serves
  $ sidelight edges --at 03:14               who called whom then
  $ sidelight series --group-by server.workload --since 1h
  $ sidelight paths shop/front-end shop/user-db
  $ sidelight requests shop/user        its slow and failed requests, with their trace ids
  $ sidelight tap shop/user             its requests, live, as they end
  $ sidelight routes shop/user          what turns its paths into routes
  $ sidelight slo check alerts.yaml          what is wrong with objectives and alerts in a file
  $ sidelight alerts                         what is pending or firing, the worst first
  $ sidelight incidents --since 7d      alerts with one origin as one, of the last week
  $ sidelight slo list                  what is left of the error budgets
  $ sidelight status                         whom the filter is turned on for, and whether they report
  $ sidelight edges --json | jq '.edges[] | select(.health == "failing")'

Marks: ✗ failing   ! degraded   ~ affected (suffers from something further down)   · healthy   - idle
Exit status: 0 done, 1 control refused, 2 wrong usage, 3 control not reachable.
Environment: SIDELIGHT_SERVER, control's gRPC address; NO_COLOR turns colours off.`;
