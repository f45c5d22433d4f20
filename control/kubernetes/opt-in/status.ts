/** How those fare who were turned on. */
import type { OptedInWorkload } from "../../api/opt-in-source.ts";
import type { PlannedWorkload } from "./plan.ts";
import { createdMs, writtenMs } from "./plugin.ts";
import type { PluginObject } from "./plugin.ts";

/** What reporters of a workload told of late. Milliseconds since the epoch. */
export interface Reports {
  /** Of those that still report. */
  readonly sinceMs: number;
  readonly lastMs: number;
  /** Whether one of them was heard within the last minute. */
  readonly areCurrent: boolean;
}

/** What a status is made of beside the plan. */
export interface Circumstances {
  /** The plugin as it is in the cluster; undefined where it is not. */
  readonly plugin: PluginObject | undefined;
  /** Why it is not as it should be. */
  readonly refusal: string | undefined;
  readonly reports: Reports | undefined;
  /** Whether others told of requests from or to it of late; asked only where that matters. */
  readonly isSpokenOf: () => boolean;
  /** Whether its sidecars fetched the filter from control; asked only where that matters. */
  readonly fetched: () => Fetched;
  /** Where sidecars get the filter, and where they report to. */
  readonly filterUrl: string;
  readonly ingest: string;
  readonly nowMs: number;
}

/** "unknown" where control cannot have seen it: a registry serves the filter, or the plugin is older than this process. */
export type Fetched = "seen" | "not seen" | "unknown";

/** Istio tells sidecars within a second; a pull of the module may take some more. */
const PATIENCE_MS = 20_000;

export function workloadStatus(planned: PlannedWorkload, all: Circumstances): OptedInWorkload {
  const circumstances = withOwnReports(all);
  const { namespace, name, kind, by, stated, pods, included, sidecars, meshed } = planned;
  const { plugin, refusal, reports } = circumstances;
  const state = stateOf(planned, circumstances);
  const silence = whySilent(planned, state, circumstances);
  return {
    ...{ namespace, name, kind, state, by: by ?? null, stated: stated ?? null, pods, included, sidecars, meshed },
    plugin: plugin ? { name: plugin.metadata.name, sinceMs: createdMs(plugin) } : null,
    ...reported(reports),
    problems: [...planned.problems, ...(refusal === undefined ? [] : [refusal]), ...silence],
  };
}

function stateOf(
  { by, isExcluded, pods, sidecars }: PlannedWorkload,
  { plugin, reports, isSpokenOf, fetched, nowMs }: Circumstances,
): OptedInWorkload["state"] {
  if (by === undefined) return isExcluded ? "excluded" : "off";
  if (!plugin) return "notWritten";
  if (reports?.areCurrent) return "reporting";
  if (pods === 0) return "noPods";
  if (sidecars === 0) return "noSidecar";
  if (nowMs < writtenMs(plugin) + PATIENCE_MS) return "waiting";
  return isSpokenOf() || fetched() === "not seen" ? "silent" : "waiting";
}

/** What the status tells of reports. */
export function reported(reports: Reports | undefined): Pick<OptedInWorkload, "reporting" | "lastReportMs"> {
  const { sinceMs, lastMs, areCurrent } = reports ?? { sinceMs: 0, lastMs: null, areCurrent: false };
  return { reporting: areCurrent && lastMs !== null ? { sinceMs, lastMs } : null, lastReportMs: lastMs };
}

/** Those of a plugin that was removed before are none of this one's. */
function withOwnReports(circumstances: Circumstances): Circumstances {
  const { plugin, reports } = circumstances;
  const isBefore = plugin && reports && reports.lastMs < createdMs(plugin);
  return isBefore ? { ...circumstances, reports: undefined } : circumstances;
}

/** A module that cannot be had stops nothing and says nothing: only what does not come tells of it. */
function whySilent(
  { namespace }: PlannedWorkload,
  state: OptedInWorkload["state"],
  { plugin, reports, fetched, filterUrl, ingest, nowMs }: Circumstances,
): string[] {
  if (state === "waiting" && plugin && nowMs >= writtenMs(plugin) + PATIENCE_MS) {
    if (reports) return ["No report any more, and nobody else tells of requests from or to it either"];
    return [
      fetched() === "seen"
        ? "No report yet: its sidecars have the filter and report from the first request on, and nobody tells of one from or to it"
        : "No report yet: a sidecar reports from its first request on, and nobody else tells of one from or to it",
    ];
  }
  if (state !== "silent") return [];
  const log = `what does \`kubectl -n ${namespace} logs POD -c istio-proxy\` say of wasm`;
  const isServed = `does ${filterUrl} answer 200 from a pod there`;
  const isHeldBack = `does a NetworkPolicy or a Sidecar resource hold back`;
  if (fetched() === "not seen") {
    return [`None of its sidecars has fetched the filter, so they run without it: ${isServed}; ${log}?`];
  }
  const asks = fetched() === "seen" ? [`${isHeldBack} ${ingest}`, log] : [log, isServed, `${isHeldBack} ${ingest}`];
  const who = fetched() === "seen" ? "its own sidecars, which fetched the filter," : "its own sidecars";
  return [`Others tell of its requests, and ${who} do not: ${asks.join("; ")}?`];
}
