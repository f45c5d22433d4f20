/** Windows whose counters are said by pods, for tests. */
import type { Observation, PodTraffic, ReportedWindow } from "../../../control/identity/observation.ts";
import type { PodEnd } from "../../../control/identity/pod-end.ts";
import { unknownPod } from "../../../control/identity/pod-end.ts";
import { observation } from "./fixtures.ts";

/** The pod `name` of a workload, on node `n-NAME` and of version `v1`; without a name one that is not known. */
export function podEnd(workload: string, name = "", differing: Partial<PodEnd> = {}): PodEnd {
  if (name === "") return { ...unknownPod(workload), ...differing };
  return { workload, pod: `${workload}-${name}`, node: `n-${name}`, version: "v1", ...differing };
}

/** What a pod of "a" asked one of "b", as the server's sidecar counts it, unless said otherwise. */
export function podTraffic(differing: Partial<PodTraffic> = {}): PodTraffic {
  const { side, protocol, outcome, count, buckets, requestBytes, responseBytes } = observation();
  const ends = { client: podEnd("a", "1"), server: podEnd("b", "1") };
  return { side, ...ends, protocol, outcome, count, buckets, requestBytes, responseBytes, ...differing };
}

/** The same as a pod's counters: those between two pods of its ends. */
export function podsOf(counted: Observation, client = "1", server = "1"): PodTraffic {
  const { side, protocol, outcome, count, buckets, requestBytes, responseBytes } = counted;
  const ends = { client: podEnd(counted.client, client), server: podEnd(counted.server, server) };
  return { side, ...ends, protocol, outcome, count, buckets, requestBytes, responseBytes };
}

/** The windows with all that they count said by pods that are drawn from `random`, some of which nobody knows. */
export function inPods(windows: readonly ReportedWindow[], random: () => number): ReportedWindow[] {
  const pick = (): string => ["1", "2", "3", ""][Math.floor(random() * 4)]!;
  return windows.map((window) => ({
    ...window,
    pods: window.observations.map((counted) => podsOf(counted, pick(), pick())),
  }));
}
