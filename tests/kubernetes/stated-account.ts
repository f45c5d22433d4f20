/** Control's service account with exactly the rights that the docs state. */
import { readFile } from "node:fs/promises";
import { parseAllDocuments } from "yaml";
import type { ControlPlane } from "./control-plane.ts";

export const RBAC = "/apis/rbac.authorization.k8s.io/v1";

interface Role {
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace?: string };
}

/** Makes the account "sidelight" of the namespace of that name, which is there. @returns a kubeconfig of it */
export async function createStatedAccount(plane: ControlPlane): Promise<string> {
  const kubeconfig = await plane.serviceAccount("sidelight", "sidelight");
  const subjects = [{ kind: "ServiceAccount", name: "sidelight", namespace: "sidelight" }];
  for (const role of [...(await statedRoles("kubernetes.md")), ...(await statedRoles("opt-in.md"))]) {
    const { kind, metadata } = role;
    const [where, binding] =
      kind === "Role" ? [`${RBAC}/namespaces/sidelight`, "rolebindings"] : [RBAC, "clusterrolebindings"];
    await plane.admin.create(`${where}/${kind === "Role" ? "roles" : "clusterroles"}`, role);
    const roleRef = { apiGroup: "rbac.authorization.k8s.io", kind, name: metadata.name };
    await plane.admin.create(`${where}/${binding}`, { metadata: { name: metadata.name }, roleRef, subjects });
  }
  return kubeconfig;
}

/** The roles that a page of the docs states. */
async function statedRoles(page: string): Promise<Role[]> {
  const text = await readFile(new URL(`../../docs/${page}`, import.meta.url), "utf8");
  const yaml = /```yaml\n(apiVersion: rbac[^]*?)```/.exec(text)?.[1] ?? "";
  return parseAllDocuments(yaml).map((document) => document.toJS() as Role);
}
