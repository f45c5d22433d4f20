/** One demo in this process: start, wait for its end, stop everything whatever happened. */
import { progressOn } from "../provision/progress.ts";
import type { Progress } from "../provision/progress.ts";
import { Demo } from "./demo.ts";
import { interruption } from "./interruption.ts";
import { measuredRun, printReport } from "./measured-run.ts";
import { edgeOf, text, url } from "./parts.ts";
import { describeError } from "./shop/describe-error.ts";
import { SPIKE_FACTOR, spikeSoon } from "./spike.ts";

export interface DemoFlags {
  readonly rate: number;
  readonly spike: boolean;
  readonly seconds?: number;
  readonly json: boolean;
}

/** Runs the demo to its end; returns the exit code. */
export async function runDemo(flags: DemoFlags): Promise<number> {
  const progress = progressOn();
  const interrupted = interruption();
  const demo = await Demo.prepare(progress);
  process.on("exit", () => demo.kill());
  let exitCode = 1;
  let failed = false;
  try {
    const work = demo.start({ rate: flags.rate, withUi: !flags.json }).then(() => runStarted(demo, progress, flags));
    exitCode = await Promise.race([work, demo.failure, interrupted]);
  } catch (error) {
    failed = true;
    progress.say(`\n${describeError(error)}`);
  }
  await progress.step("Stopping", () => demo.stop({ keepLogs: failed }));
  if (failed) progress.say(`The logs are kept in ${demo.logFolder}`);
  return exitCode;
}

async function runStarted(demo: Demo, progress: Progress, flags: DemoFlags): Promise<number> {
  if (flags.seconds === undefined) {
    progress.say(welcome(demo));
    if (flags.spike) await spikeSoon(url(demo.topology.load), progress);
    return await new Promise<never>(() => {});
  }
  if (!flags.json) progress.say(welcome(demo));
  const report = await measuredRun(demo.measured(), progress, {
    seconds: flags.seconds,
    spikeFactor: flags.spike ? SPIKE_FACTOR : 1,
  });
  return await printReport(report, flags.json, progress);
}

function welcome(demo: Demo): string {
  const { control } = demo.topology;
  const isDefault = control.grpc.port === 9400;
  const server = isDefault ? "" : `SIDELIGHT_SERVER=${text(control.grpc)} `;
  return `
  The map:  ${url(control.http)}
  The shop: ${url(edgeOf(demo.topology))}

  Try, in another terminal:
    npm run demo -- fault cards errors      and user's card endpoints turn red
    npm run demo -- fault addresses slow    and its address endpoints with them
    npm run demo -- fault clear
    npm run demo -- spike
    ${server}npm run sidelight -- top

  Logs: ${demo.logFolder}
  Ctrl-C stops everything.
`;
}
