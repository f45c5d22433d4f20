import { stringify } from "yaml";
import { NAMESPACE } from "./topology.ts";
import type { Topology } from "./topology.ts";

/** The inventory file (control/identity/inventory-file.ts) that tells control who is who in the demo. */
export function inventoryYaml({ cidr, services, stores }: Topology): string {
  const workloads = [
    ...services.map(({ name, address }) => ({ name, kind: "Deployment", role: "workload", address })),
    ...stores.map(({ name, address }) => ({ name, kind: "StatefulSet", role: "store", address })),
  ];
  return stringify({
    clusterCidrs: [cidr],
    workloads: workloads.map(({ name, kind, role, address }) => ({
      namespace: NAMESPACE,
      name,
      kind,
      role,
      service: name,
      hosts: [name],
      addresses: [address],
    })),
  });
}
