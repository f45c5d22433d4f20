/** Waits for workloads, and says early why they will not come. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "../../provision/progress.ts";
import { UserError } from "../commands.ts";
import type { Kubectl, Listed } from "./kubectl.ts";

const POLL_MS = 1_000;
const TIMEOUT_MS = 600_000;
/** Reasons of a waiting container that no waiting will cure. */
const HOPELESS = [
  "ErrImagePull",
  "ImagePullBackOff",
  "ErrImageNeverPull",
  "InvalidImageName",
  "CreateContainerConfigError",
];

interface Workload {
  readonly metadata: { readonly name: string; readonly generation: number };
  readonly spec: { readonly replicas: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly replicas?: number;
  };
}

interface ContainerStatus {
  readonly image: string;
  readonly state: { readonly waiting?: { readonly reason?: string; readonly message?: string } };
}

interface Pod {
  readonly metadata: { readonly name: string };
  readonly status: {
    readonly conditions?: readonly { readonly type: string; readonly status: string; readonly message?: string }[];
    readonly containerStatuses?: readonly ContainerStatus[];
    readonly initContainerStatuses?: readonly ContainerStatus[];
  };
}

/** Resolves when all Deployments and StatefulSets of a namespace have all their pods, and no others. */
export async function rolledOut(kubectl: Kubectl, namespace: string, step: Step): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { items } = await kubectl.json<Listed<Workload>>(["-n", namespace, "get", "deployments,statefulsets"]);
    const awaited = items.filter((one) => !isThere(one)).map(({ metadata }) => metadata.name);
    step.note(
      `${items.length - awaited.length} of ${items.length}${awaited.length > 0 ? `, waiting for ${awaited.join(", ")}` : ""}`,
    );
    if (awaited.length === 0 && items.length > 0) return;
    const why = await whatIsWrong(kubectl, namespace, performance.now() > deadline);
    if (why !== undefined) throw new UserError(`${awaited.join(", ")} of namespace ${namespace} cannot start: ${why}`);
    await sleep(POLL_MS);
  }
}

function isThere({ metadata, spec, status }: Workload): boolean {
  const { observedGeneration = 0, updatedReplicas = 0, readyReplicas = 0, replicas = 0 } = status;
  const counts = [updatedReplicas, readyReplicas, replicas];
  return observedGeneration >= metadata.generation && counts.every((each) => each === spec.replicas);
}

async function whatIsWrong(kubectl: Kubectl, namespace: string, isTooLate: boolean): Promise<string | undefined> {
  const { items } = await kubectl.json<Listed<Pod>>(["-n", namespace, "get", "pods"]);
  const hopeless = items.map(whyHopeless).find((why) => why !== undefined);
  if (hopeless !== undefined || !isTooLate) return hopeless;
  return (
    items.map(whyNotThere).find((why) => why !== undefined) ?? `it took longer than ${TIMEOUT_MS / 60_000} minutes`
  );
}

function whyHopeless({ metadata, status }: Pod): string | undefined {
  const { containerStatuses = [], initContainerStatuses = [] } = status;
  for (const { image, state } of [...initContainerStatuses, ...containerStatuses]) {
    const { reason = "", message = "" } = state.waiting ?? {};
    if (!HOPELESS.includes(reason)) continue;
    const hint = reason.includes("Image") ? ` Does the command of --load-images bring ${image} onto every node?` : "";
    return `pod ${metadata.name}: ${reason}: ${message}.${hint}`;
  }
  return undefined;
}

function whyNotThere({ metadata, status: { conditions = [] } }: Pod): string | undefined {
  const unmet = conditions.find((condition) => condition.status === "False" && condition.message);
  return unmet && `pod ${metadata.name} is not ${unmet.type}: ${unmet.message}`;
}
