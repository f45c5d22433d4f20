/** Writes WasmPlugins: only those that are this installation's, and only as they were when they were looked at. */
import { ApiError } from "../api-error.ts";
import type { ApiRequest, ApiServer } from "../api-server.ts";
import { pathOf } from "../resource.ts";
import { MANAGER, foreignFields } from "./plugin.ts";
import type { Owner, PluginManifest, PluginObject } from "./plugin.ts";

const IDLE_MS = 10_000;
/** Else what an older definition does not know is left out of a patch without a word, and without its type a plugin for TCP stands before requests. */
const AS_MANAGER = `fieldManager=${MANAGER}&fieldValidation=Strict`;
const CLUSTER_ROLES = "/apis/rbac.authorization.k8s.io/v1/clusterroles";

export class PluginWriter {
  readonly #api: ApiServer;
  readonly #signal: AbortSignal;

  /** @param signal gives up what is under way */
  constructor(api: ApiServer, signal: AbortSignal) {
    this.#api = api;
    this.#signal = signal;
  }

  /** Without force: where somebody else has made one of that name in between, theirs stays and this is a conflict. */
  async create(wished: PluginManifest): Promise<PluginObject> {
    return (await this.#send(`${pathOfPlugin(wished.metadata)}?${AS_MANAGER}`, apply(wished))) as PluginObject;
  }

  /** Makes one of ours what it should be. A conflict where it is no longer what it was. */
  async update(found: PluginObject, wished: PluginManifest): Promise<PluginObject> {
    const { uid, resourceVersion } = found.metadata;
    const guarded = { ...wished, metadata: { ...wished.metadata, uid, resourceVersion } };
    const foreign = foreignFields(found, wished);
    if (foreign.length === 0) {
      return (await this.#send(
        `${pathOfPlugin(wished.metadata)}?${AS_MANAGER}&force=true`,
        apply(guarded),
      )) as PluginObject;
    }
    // What others added goes in the same write as the rest, or all VMs would be rebuilt twice.
    const operations = [
      { op: "test", path: "/metadata/uid", value: uid },
      { op: "test", path: "/metadata/resourceVersion", value: resourceVersion },
      { op: "replace", path: "/spec", value: wished.spec },
      { op: "add", path: "/metadata/labels", value: { ...found.metadata.labels, ...wished.metadata.labels } },
      { op: "add", path: "/metadata/ownerReferences", value: wished.metadata.ownerReferences ?? [] },
    ];
    const body = { type: "application/json-patch+json", content: operations };
    return (await this.#send(`${pathOfPlugin(wished.metadata)}?${AS_MANAGER}`, {
      method: "PATCH",
      body,
    })) as PluginObject;
  }

  async remove({ metadata }: PluginObject): Promise<void> {
    const { uid, resourceVersion } = metadata;
    const content = { apiVersion: "v1", kind: "DeleteOptions", preconditions: { uid, resourceVersion } };
    try {
      await this.#send(pathOfPlugin(metadata), { method: "DELETE", body: { type: "application/json", content } });
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error;
    }
  }

  /** The ClusterRole that plugins are to go with. */
  async owner(name: string): Promise<Owner> {
    const role = (await this.#send(`${CLUSTER_ROLES}/${encodeURIComponent(name)}`, {})) as PluginObject;
    return { name, uid: role.metadata.uid };
  }

  #send(path: string, request: Pick<ApiRequest, "method" | "body">): Promise<unknown> {
    return this.#api.ask({ path, accept: "application/json", idleMs: IDLE_MS, signal: this.#signal, ...request });
  }
}

/** JSON is YAML. */
function apply(content: object): Pick<ApiRequest, "method" | "body"> {
  return { method: "PATCH", body: { type: "application/apply-patch+yaml", content } };
}

function pathOfPlugin({ namespace = "", name }: { readonly namespace?: string; readonly name: string }): string {
  const [root, resource] = [pathOf("wasmplugins").replace(/\/wasmplugins$/, ""), "wasmplugins"];
  return `${root}/namespaces/${namespace}/${resource}/${name}`;
}
