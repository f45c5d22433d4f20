import type { NodeIdentity, NodeKind } from "../../identity/node.ts";
import type { InfluxClient } from "./client.ts";
import { NODES } from "./layout.ts";
import { original } from "./line.ts";

/** What each node was said to be, oldest first. */
export type Identities = ReadonlyMap<string, readonly { readonly sinceMs: number; readonly identity: NodeIdentity }[]>;

/** What a node was at an instant; its first identity, for what lies before it was named. */
export function identityAt(identities: Identities, id: string, atMs: number): NodeIdentity | undefined {
  const versions = identities.get(id);
  return (versions?.findLast((version) => version.sinceMs <= atMs) ?? versions?.[0])?.identity;
}

/** Every identity that the history has. */
export async function readIdentities(client: InfluxClient, bucket: string): Promise<Identities> {
  const identities = new Map<string, { sinceMs: number; identity: NodeIdentity }[]>();
  const query = `SELECT kind, namespace, "name", workload_kind, service, reason FROM ${NODES} GROUP BY node`;
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
