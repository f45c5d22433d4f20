import type { NodeIdentity, NodeKind } from "../../identity/node.ts";
import type { TimeRange } from "../store.ts";
import type { InfluxClient } from "./client.ts";
import { NODES } from "./layout.ts";
import { HOUR_MS, IDENTITY_EVERY_MS } from "./limits.ts";
import { original, timeIn } from "./line.ts";

/** What each node was said to be, oldest first. */
export type Identities = ReadonlyMap<string, readonly { readonly sinceMs: number; readonly identity: NodeIdentity }[]>;

/** What a node was at an instant; its first identity, for what lies before it was named. */
export function identityAt(identities: Identities, id: string, atMs: number): NodeIdentity | undefined {
  const versions = identities.get(id);
  return (versions?.findLast((version) => version.sinceMs <= atMs) ?? versions?.[0])?.identity;
}

/**
 * Of some nodes what they were at an instant. What is reported of a node at a time has its identity beside it that is no
 * older than IDENTITY_EVERY_MS, so a day is enough but for what came late; then everything that the history has is read.
 */
export async function identitiesAt(
  client: InfluxClient,
  bucket: string,
  { ids, atMs }: { readonly ids: Iterable<string>; readonly atMs: number },
): Promise<NodeIdentity[]> {
  const wanted = [...ids];
  const lately = await readIdentities(client, bucket, { fromMs: atMs - IDENTITY_EVERY_MS - HOUR_MS, toMs: atMs + 1 });
  const isEnough = wanted.every((id) => lately.has(id));
  const identities = isEnough ? lately : await readIdentities(client, bucket);
  return wanted.flatMap((id) => identityAt(identities, id, atMs) ?? []);
}

/** Every identity that the history has, or what was written of them in a range. */
export async function readIdentities(client: InfluxClient, bucket: string, range?: TimeRange): Promise<Identities> {
  const identities = new Map<string, { sinceMs: number; identity: NodeIdentity }[]>();
  const where = range ? ` WHERE ${timeIn(range)}` : "";
  const query = `SELECT kind, namespace, "name", workload_kind, service, reason FROM ${NODES}${where} GROUP BY node`;
  for await (const { tags, values } of client.select(bucket, query)) {
    const id = original(tags?.["node"] ?? "");
    const versions = identities.get(id) ?? [];
    for (const [at, ...words] of values) {
      const [kind, namespace, name, workloadKind, service, reason] = words.map((word) => original(String(word)));
      const named = { namespace: namespace!, name: name!, workloadKind: workloadKind!, service: service! };
      versions.push({ sinceMs: Number(at), identity: { id, kind: kind as NodeKind, ...named, reason: reason! } });
    }
    identities.set(id, versions);
  }
  return identities;
}
