/** `npm run demo`: the command line. `npm run demo -- --help` says what there is. */
import { Command, CommanderError, InvalidArgumentError } from "commander";
import { fault, rate, screenshot, spike, status, UserError } from "./commands.ts";
import { RefusedError } from "./control-client.ts";
import { MAX_RATE } from "./load/config.ts";
import { runClusterDemo } from "./kubernetes/run-cluster-demo.ts";
import type { ClusterFlags } from "./kubernetes/run-cluster-demo.ts";
import { runDemo } from "./run-demo.ts";
import { describeError } from "./shop/describe-error.ts";

const examples = `
Examples:
  npm run demo                                the shop, its load and the map, until Ctrl-C
  npm run demo -- --rate 100 --spike          a higher rate, and a spike after 15 s
  npm run demo -- --kubernetes --load-images "kind load docker-image"
                                              the same in a cluster with Istio (docs/install.md)
  npm run demo -- --seconds 30 --json         count for 30 s, compare with what was sent, exit 1 on a difference

While it runs, in another terminal:
  npm run demo -- fault cards errors          four of five card requests fail
  npm run demo -- fault addresses slow        address requests take 2.5 s longer
  npm run demo -- fault clear                 all is well again
  npm run demo -- fault list                  every fault there is
  npm run demo -- spike                       five times the rate for 30 s
`;

const CLUSTER_FLAGS = ["yes", "remove", "loadImages", "buildImage"] as const;

/** Flags of the commands that act on a running demo. */
interface ActingFlags {
  readonly demo?: number;
}

function number(min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (text.trim() !== "" && value >= min && value <= max) return value;
    throw new InvalidArgumentError(`It must be a number from ${min} to ${max}.`);
  };
}

async function main(): Promise<void> {
  const program = new Command("npm run demo --")
    .description("A Sock Shop behind real Envoy sidecars, with Sidelight watching.")
    .option("--rate <n>", "requests a second at the shop's edge", number(0, MAX_RATE), 30)
    .option("--spike", "a spike of five times the rate", false)
    .option("--seconds <n>", "end after so many seconds of load", number(1, 86_400))
    .option("--json", "with --seconds: print what was sent and what was counted as JSON, without the UI", false)
    .option("--kubernetes", "run in the cluster of kubectl's current context, which has Istio; asks first", false)
    .option("--yes", "with --kubernetes: do not ask", false)
    .option("--load-images <cmd>", "with --kubernetes: brings the images that it is given onto the nodes")
    .option("--build-image <cmd>", "with --kubernetes: builds an image, given TAG CONTEXT -f FILE")
    .option("--remove", "with --kubernetes: remove what a demo left that was killed", false)
    .addHelpText("after", examples)
    .showHelpAfterError("(--help shows what there is)")
    .helpCommand(false)
    .allowExcessArguments(true)
    .enablePositionalOptions()
    .exitOverride();
  program.action(async () => {
    const [unknown] = program.args;
    if (unknown !== undefined) {
      const known = program.commands.map((command) => command.name()).join(", ");
      throw new UserError(`There is no command "${unknown}". There is ${known}; without one the demo starts.`);
    }
    const flags = program.opts<ClusterFlags & { readonly kubernetes: boolean }>();
    if (flags.json && flags.seconds === undefined)
      throw new UserError("--json needs --seconds, as in --seconds 30 --json");
    const needless = CLUSTER_FLAGS.find((flag) => !flags.kubernetes && flags[flag]);
    if (needless !== undefined) {
      const name = needless.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
      throw new UserError(`--${name} needs --kubernetes`);
    }
    // Whatever a store's client or the like still holds open, the demo is over.
    process.exit(await (flags.kubernetes ? runClusterDemo(flags) : runDemo(flags)));
  });
  const acting = (usage: string, what: string) =>
    program
      .command(usage)
      .description(what)
      .option("--demo <pid>", "which demo, if several are running", number(1, 2 ** 31));
  acting(
    "fault <target> [fault]",
    'switch a fault on; "fault list" shows them, "fault clear [target]" ends them',
  ).action(async (target: string, kind: string | undefined, flags: ActingFlags) =>
    print(await fault(target, kind, flags.demo)),
  );
  acting("spike", "raise the rate of the running demo for a while")
    .option("--factor <n>", "how many times the rate", number(1, 50), 5)
    .option("--seconds <n>", "for how long", number(1, 3_600), 30)
    .action(async (flags: ActingFlags & { factor: number; seconds: number }) =>
      print(await spike(flags.factor, flags.seconds, flags.demo)),
    );
  acting("rate", "set the rate of the running demo")
    .argument("<n>", "requests a second", number(0, MAX_RATE))
    .action(async (perSecond: number, flags: ActingFlags) => print(await rate(perSecond, flags.demo)));
  acting("screenshot", "take a picture of the map")
    .argument("[file]", "PNG to write", "sidelight.png")
    .option("--dark", "in dark colours", false)
    .action(async (file: string, flags: ActingFlags & { dark: boolean }) =>
      print(await screenshot({ file, scheme: flags.dark ? "dark" : "light" }, flags.demo)),
    );
  acting("status", "say what is running").action(async (flags: ActingFlags) => print(await status(flags.demo)));
  await program.parseAsync();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) {
    // Commander has said what is wrong already. Its 0 is for --help.
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof UserError || error instanceof RefusedError) {
    process.stderr.write(`${error.message}\n`);
    process.exitCode = 2;
  } else {
    process.stderr.write(`${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
