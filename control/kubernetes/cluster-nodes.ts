import { AddressRanges, normalizeAddress, parseCidr } from "../identity/address.ts";
import type { ApiObject, NodeObject } from "./objects.ts";
import type { ResourceSink } from "./resource.ts";

interface ClusterNode {
  readonly addresses: readonly string[];
  readonly podRanges: readonly string[];
}

/** The machines: which addresses are theirs, and from which ranges they give addresses to pods. */
export class ClusterNodes implements ResourceSink {
  readonly #byUid = new Map<string, ClusterNode>();
  readonly #addresses = new Map<string, number>();
  #ranges: AddressRanges | undefined;

  put(object: ApiObject): void {
    const now = readNode(object);
    const before = this.#byUid.get(object.metadata.uid);
    if (
      before &&
      before.addresses.join() === now.addresses.join() &&
      before.podRanges.join() === now.podRanges.join()
    ) {
      return;
    }
    this.remove(object.metadata.uid);
    this.#byUid.set(object.metadata.uid, now);
    for (const address of now.addresses) this.#addresses.set(address, (this.#addresses.get(address) ?? 0) + 1);
    this.#ranges = undefined;
  }

  remove(uid: string): void {
    const node = this.#byUid.get(uid);
    if (!node) return;
    this.#byUid.delete(uid);
    this.#ranges = undefined;
    for (const address of node.addresses) {
      const others = (this.#addresses.get(address) ?? 1) - 1;
      if (others > 0) this.#addresses.set(address, others);
      else this.#addresses.delete(address);
    }
  }

  /** Whether it is the address of a node. */
  has(address: string): boolean {
    return this.#addresses.has(address);
  }

  /** Whether a node gives it to pods. */
  givesToPods(address: string): boolean {
    this.#ranges ??= new AddressRanges([...new Set([...this.#byUid.values()].flatMap(({ podRanges }) => podRanges))]);
    return this.#ranges.contains(address);
  }
}

function readNode({ spec = {}, status = {} }: NodeObject): ClusterNode {
  const addresses = (status.addresses ?? []).flatMap(({ address }) => normalizeAddress(address) ?? []);
  const ranges = spec.podCIDRs ?? [spec.podCIDR ?? ""];
  return { addresses: [...new Set(addresses)], podRanges: ranges.filter((range) => parseCidr(range) !== undefined) };
}
