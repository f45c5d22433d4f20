import { stringify } from "yaml";
import { NAMESPACE, VERSION } from "./topology.ts";
import type { Topology } from "./topology.ts";

/** The inventory file (control/identity/inventory-file.ts) that tells control who is who in the demo. */
export function inventoryYaml({ cidr, services, stores }: Topology): string {
  const workloads = [
    ...services.map((place) => ({ ...place, kind: "Deployment", role: "workload" })),
    ...stores.map((place) => ({ ...place, kind: "StatefulSet", role: "store" })),
  ];
  return stringify({
    clusterCidrs: [cidr],
    workloads: workloads.map(({ name, kind, role, address, pod, node }) => ({
      namespace: NAMESPACE,
      name,
      kind,
      role,
      service: name,
      version: VERSION,
      hosts: [name],
      addresses: [{ address, pod, node }],
    })),
  });
}
