import type { Command } from "commander";
import { setTimeout as sleep } from "node:timers/promises";
import type { ListOptedInResponse, SidelightClient } from "../../client/index.ts";
import { addServer, withClient } from "./command.ts";
import { print } from "./output.ts";
import { statusView } from "./status-view.ts";
import { addWatch, keepShowing, type WatchingOptions } from "./watch-options.ts";

interface StatusOptions extends WatchingOptions {
  readonly server: string;
  readonly json: boolean;
  readonly all: boolean;
}

/** Adds `sidelight status`. */
export function addStatus(program: Command): void {
  addWatch(addServer(program.command("status")))
    .description("List whom an annotation turned the filter on for in a cluster, whether they report, and why not.")
    .argument("[namespace]", "only workloads of this namespace", "")
    .option("--all", "also workloads of which no annotation says anything", false)
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (namespace: string, options: StatusOptions) => {
      await withClient(options.server, async (client) => {
        const question = { namespace, all: options.all };
        if (!options.watch) return print(statusView(), await client.optedIn(question), options);
        const updates = (signal: AbortSignal) => again(client, question, { signal, seconds: options.interval });
        await keepShowing(statusView(), updates, options);
      });
    });
}

async function* again(
  client: SidelightClient,
  question: { readonly namespace: string; readonly all: boolean },
  { signal, seconds }: { readonly signal: AbortSignal; readonly seconds: number },
): AsyncGenerator<ListOptedInResponse> {
  while (!signal.aborted) {
    yield await client.optedIn(question, { signal });
    await sleep(seconds * 1_000, undefined, { signal }).catch(() => {});
  }
}

const examples = `
Examples:
  $ kubectl annotate namespace shop sidelight.dev/observe=true
  $ sidelight status                         everybody who is turned on, or excluded
  $ sidelight status shop --watch
  $ sidelight status --all                   everybody there is
  $ sidelight status --json | jq -r '.workloads[] | select(.state == "silent") | .workload'

States: reporting; waiting for the first report; silent, though others tell of its requests; no sidecar, so it is the tap's;
no pods; not written, for the reason below the table; excluded; off; by hand, which nothing turned on and that reports.`;
