import { readFileSync } from "node:fs";
import { setTimeout as sleep } from "node:timers/promises";
import { Command, CommanderError, Option } from "commander";
import { CliError } from "./cli-error.ts";
import { addServer, parseNumber, untilInterrupted, withClient } from "./command.ts";
import { edgesView } from "./edges-view.ts";
import { type EndpointsData, endpointsView } from "./endpoints-view.ts";
import { showLive } from "./live.ts";
import { isInteractive, page, print } from "./output.ts";
import { type SortKey, sortKeys } from "./red-columns.ts";
import { addRequests } from "./requests-command.ts";
import { addRoutes } from "./routes-command.ts";
import { addTap } from "./tap-command.ts";

interface CommonOptions {
  readonly server: string;
  readonly json: boolean;
  readonly namespace?: string;
  readonly sort: SortKey;
}

interface EdgesCommandOptions extends CommonOptions {
  readonly watch: boolean;
}

interface TopCommandOptions extends CommonOptions {
  readonly once: boolean;
  readonly of: string;
  readonly from: string;
  readonly interval: number;
  readonly limit?: number;
}

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
  addRequests(program);
  addTap(program);
  addRoutes(program);
  try {
    await program.parseAsync(args, { from: "user" });
  } catch (error) {
    // Commander has written its message, or the help that was asked for, already.
    if (!(error instanceof CommanderError)) throw error;
    if (error.exitCode !== 0) throw new CliError("usage", "", { cause: error });
  }
}

function addEdges(program: Command): void {
  addCommon(program.command("edges"))
    .description("List who calls whom, the worst first: rate, errors and latency of each edge.")
    .option("-w, --watch", "keep showing the newest; with --json a document a line", false)
    .addHelpText("after", edgesExamples)
    .action(async (options: EdgesCommandOptions) => {
      const view = edgesView(options);
      await withClient(options.server, async (client) => {
        if (!options.watch) return print(view, await client.topology(), options);
        const updates = (signal: AbortSignal) => client.watchTopology({ signal });
        if (isInteractive() && !options.json) return showLive(view, updates, () => page({ scrolls: false }));
        for await (const topology of updates(untilInterrupted())) print(view, topology, options);
      });
    });
}

function addTop(program: Command): void {
  addCommon(program.command("top"))
    .description("Show endpoints, the worst first, then the busiest. In a terminal it keeps refreshing.")
    .option("-1, --once", "print once, also in a terminal", false)
    .option("--of <server>", "only what this workload serves (namespace/name)", "")
    .option("--from <client>", "only what this workload asks for (namespace/name)", "")
    .option("-n, --limit <rows>", "endpoints at most", parseNumber({ least: 1, whole: true }))
    .option("-i, --interval <seconds>", "time between refreshes", parseNumber({ least: 0.2, whole: false }), 1)
    .addHelpText("after", topExamples)
    .action(async (options: TopCommandOptions) => {
      const view = endpointsView(options);
      await withClient(options.server, async (client) => {
        const question = { server: options.of, client: options.from };
        const ask = async (signal?: AbortSignal): Promise<EndpointsData> => {
          const endpoints = await client.endpoints(question, { signal }).all();
          return { at: new Date(), endpoints };
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
  return addServer(command)
    .option("--namespace <name>", "only workloads of this namespace")
    .addOption(new Option("--sort <key>", "what comes first").choices(sortKeys).default("health"))
    .option("--json", "write JSON for programs instead of a table", false);
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

function version(): string {
  const path = new URL("../../package.json", import.meta.url);
  return (JSON.parse(readFileSync(path, "utf8")) as { version: string }).version;
}

const overview = `
Examples:
  $ sidelight edges                          who calls whom, the worst first
  $ sidelight top                            endpoints, live; q quits
  $ sidelight top --of sock-shop/user        what one workload serves
  $ sidelight requests sock-shop/user        its slow and failed requests, with their trace ids
  $ sidelight tap sock-shop/user             its requests, live, as they end
  $ sidelight routes sock-shop/user          what turns its paths into routes
  $ sidelight edges --json | jq '.edges[] | select(.health == "failing")'

Marks: ✗ failing   ! degraded   ~ affected (suffers from something further down)   · healthy   - idle
Exit status: 0 done, 1 control refused, 2 wrong usage, 3 control not reachable.
Environment: SIDELIGHT_SERVER, control's gRPC address; NO_COLOR turns colours off.`;

const edgesExamples = `
Examples:
  $ sidelight edges --namespace sock-shop --sort rate
  $ sidelight edges --watch
  $ sidelight edges --watch --json           a JSON document a line, for programs
  $ sidelight edges --server control.sidelight:9400`;

const topExamples = `
Examples:
  $ sidelight top --sort p99
  $ sidelight top --of sock-shop/user --from sock-shop/orders
  $ sidelight top --once --limit 10
  $ sidelight top --json | jq -r '.endpoints[] | [.server, .route, .p99Seconds] | @tsv'`;
