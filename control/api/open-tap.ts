import type { Exemplar } from "../identity/observation.ts";
import type { TapSubscription } from "../ingest/tap-subscription.ts";
import type { Snapshot } from "../world/model.ts";
import { HttpError } from "./http-errors.ts";
import { nearNames, oneOf } from "./near-names.ts";
import type { ApiSources } from "./sources.ts";
import { tapQuestion } from "./tap-question.ts";
import type { TapWish } from "./tap-question.ts";

/** Callers of a workload without a sidecar that are named. */
const MAX_CALLERS = 3;

/**
 * Begins to show live requests.
 * @throws HttpError where that is switched off, the question is wrong, or nobody could ever answer it; TooManyTaps
 */
export function openTap({ taps, feed }: ApiSources, wish: TapWish): TapSubscription<Exemplar> {
  const question = tapQuestion(wish);
  if (!taps) throw new HttpError(403, "Live requests are switched off here: SIDELIGHT_TAP=on allows them");
  // A sidecar that has not served anything yet has no stream: it is waited for where one may come.
  if (taps.reportersOf(question.workload) === 0) requireSidecar(feed.fresh(), question.workload);
  return taps.open(question);
}

function requireSidecar({ nodes, edges }: Snapshot, workload: string): void {
  const node = nodes.find(({ id }) => id === workload);
  if (node?.kind === "workload") return;
  if (!node) throw unknownWorkload(nodes, workload);
  if (node.kind === "external" || node.kind === "unresolved") {
    throw new HttpError(409, `${workload} is no workload of the cluster, so no sidecar of it shows live requests`);
  }
  const callers = edges.filter(({ server }) => server === workload).map(({ client }) => client);
  const meshed = nodes.filter(({ id, kind }) => kind === "workload" && callers.includes(id)).map(({ id }) => id);
  const instead = meshed.length > 0 ? `; ask a caller of it: ${oneOf(meshed.slice(0, MAX_CALLERS))}` : "";
  throw new HttpError(409, `${workload} has no sidecar that could show live requests${instead}`);
}

function unknownWorkload(nodes: Snapshot["nodes"], workload: string): HttpError {
  const workloads = nodes.filter(({ kind }) => kind !== "external" && kind !== "unresolved").map(({ id }) => id);
  const near = nearNames(workload, workloads);
  const hint = near.length > 0 ? `did you mean ${oneOf(near)}?` : 'names look like "namespace/name"';
  return new HttpError(404, `No workload "${workload}" is known; ${hint}`, { field: "workload" });
}
