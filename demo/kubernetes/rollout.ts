/** Waits for workloads, and says early why they will not come. */
import { setTimeout as sleep } from "node:timers/promises";
import type { Step } from "../../provision/progress.ts";
import { UserError } from "../commands.ts";
import type { Kubectl, Listed } from "./kubectl.ts";

const KINDS = "deployments,statefulsets,daemonsets";
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
  /** A DaemonSet has no number of its own. */
  readonly spec: { readonly replicas?: number };
  readonly status: {
    readonly observedGeneration?: number;
    readonly updatedReplicas?: number;
    readonly readyReplicas?: number;
    readonly replicas?: number;
    readonly desiredNumberScheduled?: number;
    readonly currentNumberScheduled?: number;
    readonly updatedNumberScheduled?: number;
    readonly numberReady?: number;
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

/** Resolves when all Deployments, StatefulSets and DaemonSets of a namespace have all their pods, and no others. */
export async function rolledOut(kubectl: Kubectl, namespace: string, step: Step): Promise<void> {
  const deadline = performance.now() + TIMEOUT_MS;
  for (;;) {
    const { items } = await kubectl.json<Listed<Workload>>(["-n", namespace, "get", KINDS]);
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
  const [wanted, ...counts] =
    spec.replicas === undefined
      ? [
          status.desiredNumberScheduled,
          status.updatedNumberScheduled,
          status.numberReady,
          status.currentNumberScheduled,
        ]
      : [spec.replicas, status.updatedReplicas, status.readyReplicas, status.replicas];
  const { observedGeneration = 0 } = status;
  return observedGeneration >= metadata.generation && counts.every((each) => (each ?? 0) === wanted);
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
