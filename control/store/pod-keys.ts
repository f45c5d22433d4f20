/** What both engines keep of what pods said: what tells it apart, and what becomes of it where there is no room. */
import type { PodTraffic, ReportedWindow } from "../identity/observation.ts";
import { OTHER_POD } from "../identity/pod-end.ts";
import { mergeBuckets } from "../world/histogram.ts";
import { podEdgeText, withoutPods } from "../world/pod-edges.ts";

/** What of it is the same whenever it is counted. */
export type PodKey = Pick<PodTraffic, "side" | "client" | "server" | "protocol" | "outcome">;

/** A text by which keys are told apart. */
export function podKeyText(key: PodKey): string {
  return `${key.side}\n${key.outcome}\n${podEdgeText(key)}`;
}

/** The window with the pods that are not known yet as `~other`, and a loss that says how many requests they had. */
export function boundedPods(window: ReportedWindow, isKnown: (text: string) => boolean): ReportedWindow {
  let cut = 0;
  const pods = window.pods.map((traffic) => {
    if (isKnown(podKeyText(traffic))) return traffic;
    const bare = withoutPods(traffic);
    if (bare.client.pod === OTHER_POD || bare.server.pod === OTHER_POD) cut += traffic.count;
    return bare;
  });
  const losses = cut === 0 ? window.losses : [...window.losses, { kind: "podsFull" as const, count: cut }];
  return { ...window, pods: mergePods(pods), losses };
}

/** Adds up what has the same key; keeps the order of first appearance. */
export function mergePods(pods: readonly PodTraffic[]): PodTraffic[] {
  const merged = new Map<string, PodTraffic>();
  for (const one of pods) {
    const text = podKeyText(one);
    const before = merged.get(text);
    merged.set(text, before ? sumOf(before, one) : one);
  }
  return [...merged.values()];
}

function sumOf(a: PodTraffic, b: PodTraffic): PodTraffic {
  return {
    ...a,
    count: a.count + b.count,
    buckets: mergeBuckets(a.buckets, b.buckets),
    requestBytes: a.requestBytes + b.requestBytes,
    responseBytes: a.responseBytes + b.responseBytes,
  };
}
