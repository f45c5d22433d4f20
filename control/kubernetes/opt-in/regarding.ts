import type { Regarding } from "./events.ts";
import type { PlannedWorkload } from "./plan.ts";

const API_VERSIONS: Readonly<Record<string, string>> = {
  Deployment: "apps/v1",
  StatefulSet: "apps/v1",
  DaemonSet: "apps/v1",
  Job: "batch/v1",
  CronJob: "batch/v1",
  Pod: "v1",
};

/** A workload as Events name it. */
export function regardingOf({ namespace, name, kind, uid }: PlannedWorkload): Regarding {
  return { apiVersion: API_VERSIONS[kind] ?? "", kind, name, namespace, uid };
}
