import type { ApiObject } from "../objects.ts";
import type { ResourceSink } from "../resource.ts";
import { keyOfPlugin } from "./plugin.ts";
import type { PluginObject } from "./plugin.ts";

/** All WasmPlugins of the cluster, whoever made them, as the API last told of them. */
export class KnownPlugins implements ResourceSink {
  readonly #byKey = new Map<string, PluginObject>();
  readonly #keys = new Map<string, string>();
  #revision = 0;

  /** Another number whenever there is something new. */
  get revision(): number {
    return this.#revision;
  }

  put(object: ApiObject): void {
    const key = keyOfPlugin(object.metadata);
    const before = this.#byKey.get(key);
    // What a write answered may have come sooner than the watch tells of what was before it.
    if (before && isOlder(object, before)) return;
    if (before?.metadata.resourceVersion === object.metadata.resourceVersion) return;
    this.#revision += 1;
    this.#byKey.set(key, object);
    this.#keys.set(object.metadata.uid, key);
  }

  remove(uid: string): void {
    const key = this.#keys.get(uid);
    this.#keys.delete(uid);
    if (key === undefined || this.#byKey.get(key)?.metadata.uid !== uid) return;
    this.#byKey.delete(key);
    this.#revision += 1;
  }

  /** @param key "namespace/name" */
  get(key: string): PluginObject | undefined {
    return this.#byKey.get(key);
  }

  all(): IterableIterator<[key: string, PluginObject]> {
    return this.#byKey.entries();
  }
}

function isOlder({ metadata: one }: ApiObject, { metadata: other }: ApiObject): boolean {
  return one.uid === other.uid && Number(one.resourceVersion) < Number(other.resourceVersion);
}
