import type { ApiObject, OwnerReference } from "./objects.ts";

/** What people deal with: the thing at the top that makes pods. */
export interface TopOwner {
  readonly kind: string;
  readonly name: string;
}

/** The one of the owners that manages the object. */
export function controllerOf({ metadata }: ApiObject): OwnerReference | undefined {
  return metadata.ownerReferences?.find(({ controller }) => controller === true);
}

/** Made anew by what stands above them with each rollout, each run: a name of theirs tells nobody anything. */
const PASSED_OVER: ReadonlySet<string> = new Set(["ReplicaSet", "Job"]);

/**
 * Who stands above pods. A ReplicaSet and a Job are looked at for their own owner, whose kind and name stand in their
 * reference to it: so a Rollout, or any other kind that nobody here has heard of, is named without asking for it. Everything
 * else is the top: of a StatefulSet that an operator made people know the StatefulSet.
 */
export class Owners {
  readonly #passedOver = new Map<string, TopOwner>();

  /** @param kind ReplicaSet or Job */
  put(kind: string, object: ApiObject): void {
    const { uid, name } = object.metadata;
    const above = controllerOf(object);
    this.#passedOver.set(uid, above ? { kind: above.kind, name: above.name } : { kind, name });
  }

  remove(uid: string): void {
    this.#passedOver.delete(uid);
  }

  /** Undefined while a ReplicaSet or a Job is not known yet, or no longer. */
  topOf({ kind, name, uid }: OwnerReference): TopOwner | undefined {
    return PASSED_OVER.has(kind) ? this.#passedOver.get(uid) : { kind, name };
  }
}
