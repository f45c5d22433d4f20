/** One demo in this process: start, wait for its end, stop everything whatever happened. */
import { setTimeout as sleep } from "node:timers/promises";
import { progressOn } from "../provision/progress.ts";
import type { Progress } from "../provision/progress.ts";
import { startSpike } from "./control-client.ts";
import { Demo } from "./demo.ts";
import { measuredRun } from "./measured-run.ts";
import { edgeOf, text, url } from "./parts.ts";
import { describeError } from "./shop/describe-error.ts";

export interface DemoFlags {
  readonly rate: number;
  readonly spike: boolean;
  readonly seconds?: number;
  readonly json: boolean;
}

const spikeFactor = 5;
const spikeAfterMs = 15_000;
const spikeSeconds = 30;

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
    if (flags.spike) await spikeSoon(demo, progress);
    return await new Promise<never>(() => {});
  }
  if (!flags.json) progress.say(welcome(demo));
  const report = await measuredRun(demo, progress, {
    seconds: flags.seconds,
    spikeFactor: flags.spike ? spikeFactor : 1,
  });
  if (flags.json) {
    await new Promise((done) => process.stdout.write(`${JSON.stringify(report, null, 2)}\n`, done));
  } else {
    progress.say(`${report.sent} sent, ${report.counted} counted, difference ${report.difference}.`);
  }
  return report.difference === 0 ? 0 : 1;
}

async function spikeSoon(demo: Demo, progress: Progress): Promise<void> {
  await sleep(spikeAfterMs);
  await startSpike(url(demo.topology.load), spikeFactor, spikeSeconds);
  progress.say(`  Spike: ${spikeFactor} times the rate for ${spikeSeconds} s.`);
}

/**
 * Resolves to an exit code when this process is told to stop: by Ctrl-C, a signal, the terminal going away, or the
 * end of the process that started it (provision/bootstrap.mjs keeps a channel open). A second Ctrl-C does not wait.
 */
function interruption(): Promise<number> {
  return new Promise((done) => {
    let asked = false;
    const ask = (code: number) => () => {
      // What is still running is killed on the way out.
      if (asked) process.exit(code);
      asked = true;
      done(code);
    };
    process.on("SIGINT", ask(130));
    process.on("SIGTERM", ask(143));
    process.once("SIGHUP", ask(129));
    process.once("disconnect", ask(143));
    process.channel?.unref();
  });
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
