/** Between which addresses sidecars tell all that passes, so that no tap need capture it (docs/decisions/0122). */
import { ReporterKind } from "#proto/ingest.ts";
import type { Hello } from "#proto/ingest.ts";
import type { CoveredSource } from "../ingest/covered.ts";
import { normalizeAddress } from "./address.ts";
import type { Inventory } from "./inventory.ts";
import { nameReporter } from "./name-window.ts";

/** Addresses that a tap is told of. */
export const MAX_COVERED = 512;
/** So often taps are told, where something has changed. */
const REFRESH_MS = 5_000;

export interface CoverageDeps {
  readonly inventory: Inventory;
  /** Workloads that are asked something else than HTTP and gRPC, of which a sidecar tells no more than bytes. */
  readonly opaqueServers: () => ReadonlySet<string>;
  /** Before sidecars had the time to come back, a tap is told nothing: it keeps to what it was told last. */
  readonly isSettled: () => boolean;
  readonly now: () => number;
}

interface FollowingTap {
  readonly node: string;
  readonly tell: (addresses: readonly string[]) => void;
  /** Undefined before anything was: it may have been told something else on a stream before. */
  told: string | undefined;
}

export class Coverage implements CoveredSource {
  readonly #deps: CoverageDeps;
  readonly #sidecars = new Set<Hello>();
  readonly #taps = new Set<FollowingTap>();
  readonly #timer: NodeJS.Timeout;

  constructor(deps: CoverageDeps) {
    this.#deps = deps;
    this.#timer = setInterval(() => this.refresh(), REFRESH_MS).unref();
  }

  joined(hello: Hello, tell: (addresses: readonly string[]) => void): () => void {
    if (hello.kind === ReporterKind.REPORTER_KIND_TAP) {
      const tap: FollowingTap = { node: hello.nodeId, tell, told: undefined };
      this.#taps.add(tap);
      return () => void this.#taps.delete(tap);
    }
    this.#sidecars.add(hello);
    return () => void this.#sidecars.delete(hello);
  }

  /** Tells each tap for which something has changed. */
  refresh(): void {
    if (this.#taps.size === 0 || !this.#deps.isSettled()) return;
    const byNode = this.#covered();
    for (const tap of this.#taps) {
      const addresses = listFor(tap.node, byNode);
      const text = addresses.join(" ");
      if (text === tap.told) continue;
      tap.told = text;
      tap.tell(addresses);
    }
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** By the Kubernetes node. Not covered is whose address is not his alone, a store, and what is asked what no sidecar reads. */
  #covered(): ReadonlyMap<string, ReadonlySet<string>> {
    const { inventory, opaqueServers, now } = this.#deps;
    const opaque = opaqueServers();
    const byNode = new Map<string, Set<string>>();
    const atMs = now();
    for (const hello of this.#sidecars) {
      const own = nameReporter(hello, inventory, atMs);
      if (own.kind !== "workload" || opaque.has(own.id)) continue;
      for (const address of hello.addresses) {
        const normal = normalizeAddress(address);
        if (normal === undefined || inventory.byAddress(normal, atMs)?.id !== own.id) continue;
        const node = inventory.podAt(normal, atMs)?.node ?? "";
        byNode.set(node, (byNode.get(node) ?? new Set()).add(normal));
      }
    }
    return byNode;
  }
}

/** Those on the tap's own node first: without one of them nothing of it could be left out. */
function listFor(node: string, byNode: ReadonlyMap<string, ReadonlySet<string>>): string[] {
  const own = [...(byNode.get(node) ?? [])].sort();
  if (own.length === 0) return [];
  const others = [...byNode].filter(([other]) => other !== node).flatMap(([, addresses]) => [...addresses]);
  return [...own, ...others.sort()].slice(0, MAX_COVERED);
}
