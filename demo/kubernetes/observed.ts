/** Turns Sidelight's filter on in the shop, and waits until every sidecar that is spoken to has told something. */
import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import type { Step } from "../../provision/progress.ts";
import { UserError } from "../commands.ts";
import type { Kubectl } from "./kubectl.ts";
import { SHOP_NAMESPACE } from "./names.ts";

const ANNOTATION = "sidelight.dev/observe";
const POLL_MS = 500;
const TIMEOUT_MS = 300_000;
const optInSchema = z.object({
  workloads: z.array(
    z.object({ namespace: z.string(), name: z.string(), state: z.string(), problems: z.array(z.string()) }),
  ),
});
type OptedIn = z.infer<typeof optInSchema>["workloads"][number];

export async function turnOn(kubectl: Kubectl): Promise<void> {
  await kubectl.run(["annotate", "namespace", SHOP_NAMESPACE, `${ANNOTATION}=true`, "--overwrite"]);
}

/** Turns it off again. */
export async function turnOff(kubectl: Kubectl): Promise<void> {
  await kubectl.run(["annotate", "namespace", SHOP_NAMESPACE, `${ANNOTATION}-`]);
}

/** @param api base URL of control's API */
export async function optedIn(api: string): Promise<OptedIn[]> {
  const answer = await fetch(`${api}/api/v1/opt-in?namespace=${SHOP_NAMESPACE}`, {
    signal: AbortSignal.timeout(10_000),
  });
  if (!answer.ok) throw new Error(`${api}/api/v1/opt-in answered ${answer.status}: ${await answer.text()}`);
  return optInSchema.parse(await answer.json()).workloads;
}

/** @param expected the workloads that are spoken to */
export async function allReport(api: string, expected: readonly string[], step: Step): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const workloads = await optedIn(api);
    const reporting = workloads.filter(({ state }) => state === "reporting").map(({ name }) => name);
    const awaited = expected.filter((name) => !reporting.includes(name));
    step.note(`${reporting.length} report${awaited.length > 0 ? `, waiting for ${awaited.join(", ")}` : ""}`);
    if (awaited.length === 0) return;
    if (performance.now() > deadline) {
      const said = workloads
        .filter(({ name }) => awaited.includes(name))
        .flatMap(({ name, state, problems }) => [
          `  ${name} is ${state}`,
          ...problems.map((problem) => `    ${problem}`),
        ]);
      throw new UserError([`No report came from ${awaited.join(", ")}:`, ...said].join("\n"));
    }
    await sleep(POLL_MS);
  }
}
