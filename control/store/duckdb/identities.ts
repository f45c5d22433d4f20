import type { NodeIdentity } from "../../identity/node.ts";
import { identityOf } from "./names.ts";
import type { Transaction } from "./session.ts";

/** What each node was said to be, oldest first. */
export type Identities = ReadonlyMap<string, readonly { readonly sinceMs: number; readonly identity: NodeIdentity }[]>;

/** Everything that nodes were ever said to be, as far as it is kept. */
export async function readIdentities(tx: Transaction): Promise<Identities> {
  const versions = new Map<string, { sinceMs: number; identity: NodeIdentity }[]>();
  const rows = await tx.rows("SELECT * REPLACE (since_ms::DOUBLE AS since_ms) FROM nodes ORDER BY since_ms");
  for (const row of rows) {
    const version = { sinceMs: row["since_ms"] as number, identity: identityOf(row) };
    const ofNode = versions.get(version.identity.id);
    if (ofNode) ofNode.push(version);
    else versions.set(version.identity.id, [version]);
  }
  return versions;
}

/** What a node was at an instant; its first identity, for what lies before it was named. */
export function identityAt(identities: Identities, id: string, atMs: number): NodeIdentity | undefined {
  const versions = identities.get(id);
  return (versions?.findLast((version) => version.sinceMs <= atMs) ?? versions?.[0])?.identity;
}
