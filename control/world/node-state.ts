import type { NodeIdentity } from "../identity/node.ts";

/** What is known of one node: who it is, and whether its sidecar is heard. */
export class NodeState {
  readonly id: string;
  identity: NodeIdentity;
  /** The inventory names it now. It then stays without traffic, and its identity is the inventory's. */
  isKnown = false;
  /** `destination` counters with it as the server: held in the window now, and ever since the start. */
  readonly asDestination = new Hearing();
  /** Counters by its own sidecar, of either direction. */
  readonly asReporter = new Hearing();
  #identityAtMs = -Infinity;

  constructor(id: string) {
    this.id = id;
    this.identity = unnamed(id);
  }

  /** Takes over what a window said of it, unless the inventory or a later window said something. */
  name(identity: NodeIdentity, atMs: number): void {
    if (this.isKnown || atMs < this.#identityAtMs) return;
    this.identity = identity;
    this.#identityAtMs = atMs;
  }

  /** Takes over what the inventory says. */
  know(identity: NodeIdentity): void {
    this.isKnown = true;
    this.identity = identity;
  }

  /** As shown: a workload that the inventory lists without a sidecar, but whose sidecar reports, has one. */
  shownIdentity(): NodeIdentity {
    const hasSidecar = this.identity.kind === "unmeshed" && this.asReporter.ever;
    return hasSidecar ? { ...this.identity, kind: "workload" } : this.identity;
  }
}

/** Whether something is heard: in the window, and at any time. */
export class Hearing {
  ever = false;
  #inWindow = 0;

  get inWindow(): boolean {
    return this.#inWindow > 0;
  }

  /** A counter enters (1) or leaves (-1) the window. */
  move(times: 1 | -1): void {
    this.#inWindow += times;
    if (times === 1) this.ever = true;
  }
}

/** Stands in until a window brings the identity that its observations name. */
function unnamed(id: string): NodeIdentity {
  return {
    id,
    kind: "unresolved",
    namespace: "",
    name: id,
    workloadKind: "",
    service: id,
    reason: "identity-missing",
  };
}
