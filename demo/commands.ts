/** What acts on a demo that is running in another terminal. Each returns the text for standard output. */
import { readFaults, readLoadCounters, setFault, setRate, startSpike } from "./control-client.ts";
import type { Faults } from "./control-client.ts";
import { runningDemos } from "./run-folder.ts";
import type { RunningDemo } from "./run-folder.ts";
import { takePicture } from "./screenshot.ts";
import type { Picture } from "./screenshot.ts";

/** Something that the user can mend; the message says how. */
export class UserError extends Error {
  override readonly name = "UserError";
}

/** The demo that is running; where several are, the one with this process id. */
async function theDemo(pid: number | undefined): Promise<RunningDemo> {
  const demos = await runningDemos();
  const chosen = pid === undefined ? demos : demos.filter((demo) => demo.pid === pid);
  const [ready, another] = chosen.filter((demo) => demo.ready);
  if (ready && !another) return ready;
  const running = demos.map((demo) => `  --demo ${demo.pid}   ${demo.ui}${demo.ready ? "" : " (starting)"}`).join("\n");
  if (ready) throw new UserError(`Several demos are running. Say which:\n${running}`);
  if (chosen.length > 0) throw new UserError("The demo is still starting. Try again when it has printed its address.");
  if (demos.length > 0) throw new UserError(`No demo has the process id ${pid}. Running are:\n${running}`);
  throw new UserError("No demo is running. Start one with: npm run demo");
}

/** `fault list`, `fault clear [TARGET]`, `fault TARGET FAULT`. */
export async function fault(target: string, kind: string | undefined, pid?: number): Promise<string> {
  const { shopControl } = await theDemo(pid);
  if (target === "list") return describeFaults(await readFaults(shopControl));
  if (target === "clear") {
    const left = await setFault(shopControl, { fault: "clear", ...(kind === undefined ? {} : { target: kind }) });
    return left.active.length > 0 ? describeActive(left) : "No fault is on.";
  }
  if (kind === undefined) {
    const known = (await readFaults(shopControl)).known.filter((each) => each.target === target);
    const choices = known.map((each) => `fault ${each.target} ${each.fault}`).join(", ");
    throw new UserError(choices ? `Which fault? ${choices}` : `There is no target "${target}"; see: fault list`);
  }
  return describeActive(await setFault(shopControl, { target, fault: kind }));
}

export async function spike(factor: number, seconds: number, pid?: number): Promise<string> {
  const { loadControl } = await theDemo(pid);
  const rate = await startSpike(loadControl, factor, seconds);
  return `${Math.round(rate)} requests/s for ${seconds} s.`;
}

export async function screenshot(picture: Picture, pid?: number): Promise<string> {
  const { ui } = await theDemo(pid);
  await takePicture(ui, picture);
  return `${ui} as ${picture.file}`;
}

export async function rate(perSecond: number, pid?: number): Promise<string> {
  const { loadControl } = await theDemo(pid);
  return `${Math.round(await setRate(loadControl, perSecond))} requests/s from now on.`;
}

export async function status(pid?: number): Promise<string> {
  const demo = await theDemo(pid);
  const [load, faults] = await Promise.all([readLoadCounters(demo.loadControl), readFaults(demo.shopControl)]);
  const minutes = Math.floor((Date.now() - demo.startedAtMs) / 60_000);
  return [
    `Running for ${minutes} min (process ${demo.pid}), map at ${demo.ui}, shop at ${demo.shop}`,
    `Load: ${Math.round(load.rate)} requests/s, ${load.sent} so far`,
    faults.active.length > 0 ? describeActive(faults) : "No fault is on.",
    `Logs: ${demo.folder}/logs`,
  ].join("\n");
}

function describeActive({ active }: Faults): string {
  return ["On:", ...active.map(({ target, fault: name, story }) => `  ${target} ${name}: ${story}`)].join("\n");
}

function describeFaults({ active, known }: Faults): string {
  const isOn = (target: string, name: string) => active.some((one) => one.target === target && one.fault === name);
  const width = Math.max(...known.map((one) => one.target.length + one.fault.length + 1));
  return known
    .map((one) => {
      const mark = isOn(one.target, one.fault) ? "*" : " ";
      return `${mark} ${`${one.target} ${one.fault}`.padEnd(width)}  ${one.story}`;
    })
    .join("\n");
}
