import { type Command, Option } from "commander";
import { addServer, parseNumber, parseTime, withClient } from "./command.ts";
import { print } from "./output.ts";
import { requestsView } from "./requests-view.ts";

interface RequestsOptions {
  readonly server: string;
  readonly json: boolean;
  readonly from: string;
  readonly method: string;
  readonly route: string;
  readonly since: number;
  readonly failed: boolean;
  readonly limit: number;
}

/** Requests by name that control hands out at once. */
const MOST = 500;
const SINCE = { units: ["s", "m", "h", "d"], words: "90s, 15m, 24h or 7d" };

/** Adds `sidelight requests`. */
export function addRequests(program: Command): void {
  addServer(program.command("requests"))
    .description("List slow and failed requests by name: path, status, duration and trace id. Failed ones come first.")
    .argument("[workload]", "only what this workload served (namespace/name)", "")
    .option("--from <client>", "only what this workload asked for (namespace/name)", "")
    .option("--method <method>", "only this method", "")
    .option("--route <route>", "only this endpoint, such as /orders/{id}", "")
    .option("--failed", "no slow ones", false)
    .addOption(
      new Option("--since <time>", "how far back, such as 90s, 2h or 7d")
        .argParser(parseTime(SINCE))
        .default(900, "15m"),
    )
    .option("-n, --limit <rows>", "requests at most", parseNumber({ least: 1, most: MOST, whole: true }), 50)
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (server: string, options: RequestsOptions) => {
      const { from: client, method, route, failed, limit } = options;
      await withClient(options.server, async (control) => {
        const to = new Date();
        const from = new Date(to.getTime() - options.since * 1000);
        const filter = { server, client, protocol: "", method, route, from, to, limit: failed ? MOST : limit };
        const exemplars = await control.exemplars(filter);
        const wanted = failed ? exemplars.filter(({ reason }) => reason === "failed") : exemplars;
        print(requestsView(limit), { from, to, exemplars: wanted }, options);
      });
    });
}

const examples = `
Examples:
  $ sidelight requests                       what failed and what was slow in the last 15 minutes
  $ sidelight requests shop/user --from shop/orders --since 2h
  $ sidelight requests --route '/orders/{id}' --method GET
  $ sidelight requests --failed --json | jq -r '.requests[] | [.at, .path, .traceId] | @tsv'

Of each endpoint the slowest request and the first that failed are kept, window by window for the last hour and the most
telling ones for 7 days. STATUS ends with Envoy's response flags, where there are any (UF: upstream connection failure).`;
