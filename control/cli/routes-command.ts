import type { Command } from "commander";
import { addServer, withClient } from "./command.ts";
import { print } from "./output.ts";
import { routesView } from "./routes-view.ts";

interface RoutesOptions {
  readonly server: string;
  readonly json: boolean;
}

/** Adds `sidelight routes`. */
export function addRoutes(program: Command): void {
  const routes = addServer(program.command("routes"))
    .description(
      "List what turns paths into routes: the rules that were stated, and the places of ids that were learned.",
    )
    .argument("[workload]", "only what holds for this workload (namespace/name)", "")
    .option("--json", "write JSON for programs instead of a table", false)
    .addHelpText("after", examples)
    .action(async (server: string, options: RoutesOptions) => {
      await withClient(options.server, async (control) =>
        print(routesView(), await control.routes({ server }), options),
      );
    });
  addServer(routes.command("forget"))
    .description("Undo a learned place, for good. What was counted there stays where it is.")
    .argument("<workload>", "the workload that serves it (namespace/name)")
    .argument("<place>", "the place as `sidelight routes` lists it, such as /customers/{id}")
    .action(async (server: string, rule: string, _options: unknown, command: Command) => {
      const { server: address } = command.optsWithGlobals<RoutesOptions>();
      await withClient(address, (control) => control.forgetRoute({ server, rule }));
      process.stdout.write(`${server} keeps what stands at ${rule} apart from now on.\n`);
    });
}

const examples = `
Examples:
  $ sidelight routes                         every rule and learned place
  $ sidelight routes shop/user          what holds for one workload, in the order in which it is asked
  $ sidelight routes forget shop/user '/customers/{id}'

A rule is stated in the file of SIDELIGHT_ROUTES, in the annotation sidelight.dev/routes of a workload, or by its
OpenAPI document (SIDELIGHT_OPENAPI_DIR).`;
