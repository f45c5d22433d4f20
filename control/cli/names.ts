/** Node ids are "namespace/name", "external/host" or "unresolved/reason"; only the first kind has a namespace. */
const outside = ["external/", "unresolved/"];

/** Whether a node belongs to the namespace. */
export function isIn(namespace: string, id: string): boolean {
  return id.startsWith(`${namespace}/`);
}

/** The namespace that all workloads among these ids share; undefined where there are several or none. */
export function commonNamespace(ids: Iterable<string>): string | undefined {
  const namespaces = new Set<string>();
  for (const id of ids) {
    if (!outside.some((prefix) => id.startsWith(prefix))) namespaces.add(id.slice(0, Math.max(0, id.indexOf("/"))));
  }
  const [first] = namespaces;
  return namespaces.size === 1 && first ? first : undefined;
}

/** The id without the namespace that goes without saying. */
export function shortName(id: string, namespace: string | undefined): string {
  return namespace !== undefined && isIn(namespace, id) ? id.slice(namespace.length + 1) : id;
}
