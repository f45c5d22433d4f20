/** `npm run demo -- --kubernetes`: the demo in the cluster of the current context; asks first, and cleans up whatever happens. */
import { createInterface } from "node:readline/promises";
import { progressOn } from "../../provision/progress.ts";
import type { Progress } from "../../provision/progress.ts";
import { UserError } from "../commands.ts";
import { setRate } from "../control-client.ts";
import { interruption } from "../interruption.ts";
import { measuredRun, printReport } from "../measured-run.ts";
import type { DemoFlags } from "../run-demo.ts";
import { describeError } from "../shop/describe-error.ts";
import { SPIKE_FACTOR, spikeSoon } from "../spike.ts";
import { ClusterDemo } from "./cluster-demo.ts";
import { imageCommands, provideImages } from "./images.ts";
import type { ImageCommands } from "./images.ts";
import { Kubectl } from "./kubectl.ts";
import { LOAD_NAMESPACE, SHOP_NAMESPACE, SIDELIGHT_NAMESPACE } from "./names.ts";
import { lookAt } from "./preflight.ts";
import type { ClusterFacts } from "./preflight.ts";
import { isDemos, removeFrom } from "./removal.ts";

export interface ClusterFlags extends DemoFlags {
  readonly yes: boolean;
  /** Removes what a demo left that was killed. */
  readonly remove: boolean;
  readonly loadImages?: string;
  readonly buildImage?: string;
}

/** Runs it to its end; returns the exit code. @throws UserError before anything is made */
export async function runClusterDemo(flags: ClusterFlags): Promise<number> {
  const progress = progressOn();
  const ending = new AbortController();
  const interrupted = interruption();
  const kubectl = await Kubectl.find(ending.signal);
  if (flags.remove) return await removeLeft(kubectl, progress);
  const commands = imageCommands({
    build: flags.buildImage ?? process.env["SIDELIGHT_BUILD_IMAGE"],
    load: flags.loadImages ?? process.env["SIDELIGHT_LOAD_IMAGES"],
  });
  const facts = await progress.step("Looking at the cluster", () => lookAt(kubectl));
  progress.say(`\n${whatWillBe(kubectl, facts)}\n`);
  if (!flags.yes) {
    const answer = await Promise.race([agreed(), interrupted]);
    if (answer !== true) return answer === false ? 1 : answer;
  }
  const demo = new ClusterDemo(kubectl, facts, progress);
  process.on("exit", () => demo.kill());
  let exitCode = 1;
  let failed = false;
  const work = story(demo, { flags, commands, progress, signal: ending.signal });
  try {
    exitCode = await Promise.race([work, interrupted]);
  } catch (error) {
    failed = true;
    progress.say(`\n${describeError(error)}`);
  }
  ending.abort();
  await work.catch(() => {});
  await progress.step("Removing all of it", () => demo.stop({ keepLogs: failed }));
  return exitCode;
}

interface StoryParts {
  readonly flags: ClusterFlags;
  readonly commands: ImageCommands;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

async function story(demo: ClusterDemo, parts: StoryParts): Promise<number> {
  const { flags, commands, progress, signal } = parts;
  const steps = [
    () => provideImages(commands, progress, signal),
    () => demo.installSidelight(),
    () => demo.openShop(),
    () => demo.startLoad(flags.rate),
    () => demo.observe(),
    () => demo.announce(true),
  ];
  for (const step of steps) {
    signal.throwIfAborted();
    await step();
  }
  if (!flags.json) progress.say(welcome(demo));
  const work = flags.seconds === undefined ? untilEnded(demo, parts) : measured(demo, parts, flags.seconds);
  return await Promise.race([work, demo.failure]);
}

async function untilEnded(demo: ClusterDemo, { flags, progress, signal }: StoryParts): Promise<never> {
  if (flags.spike) await spikeSoon(demo.addresses.load, progress, signal);
  return await new Promise<never>((_, end) => signal.addEventListener("abort", () => end(signal.reason as Error)));
}

async function measured(demo: ClusterDemo, { flags, progress }: StoryParts, seconds: number): Promise<number> {
  const base = await progress.step("A moment of quiet", () => demo.quiet());
  await setRate(demo.addresses.load, flags.rate);
  const spikeFactor = flags.spike ? SPIKE_FACTOR : 1;
  const report = await measuredRun(demo.measured(), progress, { seconds, spikeFactor, base });
  return await printReport(report, flags.json, progress);
}

async function removeLeft(kubectl: Kubectl, progress: Progress): Promise<number> {
  await isDemos(kubectl);
  await progress.step(`Removing the demo from ${kubectl.context}`, () => removeFrom(kubectl));
  return 0;
}

function whatWillBe(kubectl: Kubectl, { server, version, nodes, hasStorage }: ClusterFacts): string {
  return [
    `  Context ${kubectl.context}: Kubernetes ${version} at ${server}, ${nodes.length} nodes`,
    `  The demo makes the namespaces ${SHOP_NAMESPACE}, ${LOAD_NAMESPACE} and ${SIDELIGHT_NAMESPACE} there, what deploy/sidelight.yaml says,`,
    `  and ${hasStorage ? "a volume of the default StorageClass" : "a folder on a node as volume, since there is no default StorageClass"}. It removes all of that at its end.`,
  ].join("\n");
}

async function agreed(): Promise<boolean> {
  if (!process.stdin.isTTY) throw new UserError("Nobody can be asked here whether that is right: say --yes");
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await terminal.question("  Go on? [y/N] ");
  terminal.close();
  return /^y(es)?$/i.test(answer.trim());
}

function welcome({ addresses, kubectl }: ClusterDemo): string {
  const { ui, shop, grpc } = addresses;
  const server = grpc.endsWith(":9400") ? "" : `SIDELIGHT_SERVER=${grpc.replace("http://", "")} `;
  return `
  The map:  ${ui}
  The shop: ${shop}

  Try, in another terminal:
    npm run demo -- fault cards errors      and user's card endpoints turn red
    npm run demo -- fault addresses slow    and its address endpoints with them
    npm run demo -- fault clear
    kubectl --context ${kubectl.context} -n ${SHOP_NAMESPACE} scale deployment/catalogue --replicas=3
    ${server}npm run sidelight -- status

  Ctrl-C removes everything.
`;
}
