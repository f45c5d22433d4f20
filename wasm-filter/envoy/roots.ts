import { hash, isSame } from "../core/text";
import { hasAttribute, Attribute } from "./attributes";
import { answerAt, answerSize } from "./answers";

/**
 * The root contexts of this VM: one for each plugin configuration, the one that is being replaced and the new one,
 * inbound and outbound. Counters belong to the VM, what is configured belongs to the root context.
 */
export const MAX_ROOTS: u32 = 32;
export const MAX_EXTERNAL_CLUSTERS: u32 = 16;
export const MAX_CLUSTER_NAME: u32 = 200;

/** What a filter stands in. */
export namespace Kind {
  export const HTTP: u32 = 0;
  export const TCP: u32 = 1;
}

/** Offsets: 24 bytes of numbers, 16 hashes, a name. */
@unmanaged
export class Root {
  id: u32;
  /** Kind of what it is configured for. */
  kind: u32;
  /** Side of counters.ts, or 0: ask Envoy for the listener's direction. */
  side: u32;
  /** Tick period that was set, in milliseconds. */
  tickMillis: u32;
  /** Hash of the plugin's name, by which a stream finds its root context. */
  name: u64;
  externalClusters: u32;
  clusterSize: u32;
}
const ROOT_BYTES: usize = 32;
const EXTERNAL_BYTES: usize = 128;
const STRIDE: usize = 360;

const roots = memory.data(11520, 8);
let count: u32 = 0;
let isUniform: bool = true;
let commonHttp: Root | null = null;
let version: u32 = 0;

export function rootCount(): u32 {
  return count;
}

export function rootAt(i: u32): Root {
  return changetype<Root>(roots + <usize>i * STRIDE);
}

/** The root context of this id, null where it is none. */
export function findRoot(id: u32): Root | null {
  for (let i: u32 = 0; i < count; i++) if (rootAt(i).id == id) return rootAt(i);
  return null;
}

/** A blank root context of this id, after all others; null where there are too many. */
export function addRoot(id: u32): Root | null {
  removeRoot(id);
  if (count == MAX_ROOTS) return null;
  const root = rootAt(count++);
  memory.fill(changetype<usize>(root), 0, STRIDE);
  root.id = id;
  return root;
}

export function removeRoot(id: u32): void {
  for (let i: u32 = 0; i < count; i++) {
    if (rootAt(i).id != id) continue;
    count--;
    memory.copy(changetype<usize>(rootAt(i)), changetype<usize>(rootAt(i + 1)), <usize>(count - i) * STRIDE);
    compareRoots();
    return;
  }
}

/** Sees whether streams need to know their root context at all. To be called when one was added or changed. */
export function compareRoots(): void {
  version++;
  isUniform = true;
  commonHttp = null;
  let isHttpUniform = true;
  for (let i: u32 = 0; i < count; i++) {
    const root = rootAt(i);
    if (!isAlike(rootAt(0), root)) isUniform = false;
    if (root.kind != Kind.HTTP) continue;
    const other = commonHttp;
    if (other && !isAlike(other, root)) isHttpUniform = false;
    commonHttp = root;
  }
  if (!isHttpUniform) commonHttp = null;
}

function isAlike(a: Root, b: Root): bool {
  if (a.kind != b.kind || a.side != b.side || a.externalClusters != b.externalClusters) return false;
  return isSame(changetype<usize>(a) + ROOT_BYTES, changetype<usize>(b) + ROOT_BYTES, <u32>EXTERNAL_BYTES);
}

/** Changes whenever the root contexts do. */
export function rootsVersion(): u32 {
  return version;
}

/** The root context of HTTP streams where it makes no difference which of them it is, the newest one; else null. */
export function commonHttpRoot(): Root | null {
  return commonHttp;
}

/**
 * The root context of the current stream. There is no need to ask while all are configured alike; otherwise the
 * plugin's name tells, and the newest of that name is taken, since the older one is being replaced.
 */
export function rootOfStream(): Root | null {
  if (!count) return null;
  if (!isUniform && hasAttribute(Attribute.PLUGIN_NAME)) {
    const name = hash(answerAt(), answerSize());
    for (let i = count; i > 0; i--) if (rootAt(i - 1).name == name) return rootAt(i - 1);
  }
  return rootAt(count - 1);
}

/** False, and nothing is added, where it has no name or is one too many. */
export function addExternalCluster(root: Root, at: usize, size: u32): bool {
  if (!size || root.externalClusters == MAX_EXTERNAL_CLUSTERS) return false;
  store<u64>(externalAt(root, root.externalClusters++), hash(at, size));
  return true;
}

/** Whether a cluster leaves the mesh, so that its requests are told apart by their authority. */
export function isExternalCluster(root: Root, at: usize, size: u32): bool {
  const wanted = hash(at, size);
  for (let i: u32 = 0; i < root.externalClusters; i++) if (load<u64>(externalAt(root, i)) == wanted) return true;
  return false;
}

function externalAt(root: Root, i: u32): usize {
  return changetype<usize>(root) + ROOT_BYTES + ((<usize>i) << 3);
}

/** Sets the name of Envoy's cluster that leads to control; false where it cannot be one. */
export function setCluster(root: Root, at: usize, size: u32): bool {
  if (!size || size > MAX_CLUSTER_NAME) return false;
  root.clusterSize = size;
  memory.copy(clusterAt(root), at, size);
  return true;
}

export function clusterAt(root: Root): usize {
  return changetype<usize>(root) + ROOT_BYTES + EXTERNAL_BYTES;
}
