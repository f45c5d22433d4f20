import type { Hello } from "#proto/ingest.ts";
import type { Inventory } from "./inventory.ts";
import type { NodeIdentity } from "./node.ts";
import { unknownPod } from "./pod-end.ts";
import type { PodEnd } from "./pod-end.ts";

/** A pod's name as Kubernetes has them (RFC 1123, subdomain); a reporter that states another one states none. */
const POD_NAME = /^[a-z0-9](?:[a-z0-9.-]{0,251}[a-z0-9])?$/;

/** The inventory, and the time that it is asked for; the end is not part of it. */
export interface Asked {
  readonly inventory: Inventory;
  readonly atMs: number;
  readonly untilMs?: number;
}

/** The pod of a peer: who held its address, if that is of the workload that the peer was found to be. */
export function podOfPeer(peer: NodeIdentity, address: string, { inventory, atMs, untilMs }: Asked): PodEnd {
  const held = address === "" ? undefined : inventory.podAt(address, atMs, untilMs);
  return held?.workload === peer.id ? held : unknownPod(peer.id);
}

/**
 * The pod that a reporter stands in: the name is what the mesh told its proxy, else that of who holds its address. Node
 * and version are the inventory's, as long as it says nothing else of the name.
 */
export function podOfReporter(own: NodeIdentity, hello: Hello, asked: Asked): PodEnd {
  const stated = statedPod(own, hello);
  for (const address of hello.addresses) {
    const held = podOfPeer(own, address, asked);
    if (stated === "" || stated === held.pod) {
      if (held.pod || held.node || held.version) return held;
    } else if (held.pod === "") {
      return { ...held, pod: stated };
    }
  }
  return { ...unknownPod(own.id), pod: stated };
}

function statedPod({ namespace }: NodeIdentity, hello: Hello): string {
  const where = hello.namespace || namespace;
  return where && POD_NAME.test(hello.pod) ? `${where}/${hello.pod}` : "";
}
