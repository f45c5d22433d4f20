/** All that a test of opt-in in a real mesh needs: API server, istiod, control with the stated account, and the mesh itself. */
import type { KubernetesTools } from "../../provision/kubernetes.ts";
import { getApiServer, startControlPlane } from "./control-plane.ts";
import type { ControlPlane } from "./control-plane.ts";
import { define, istioDefinitions } from "./istio-crds.ts";
import type { Definition } from "./istio-crds.ts";
import { getIstiod, startIstiod } from "./istiod.ts";
import { MeshControl } from "./mesh-control.ts";
import { Mesh } from "./mesh.ts";
import { createNamespace } from "./objects.ts";
import { createStatedAccount } from "./stated-account.ts";

export interface MeshTools {
  readonly servers: KubernetesTools<"etcd" | "kube-apiserver">;
  readonly istiod: string;
  readonly definitions: readonly Definition[];
}

/** Built where they are not there yet; undefined, with a line that says why, where that cannot be. */
export async function getMesh(): Promise<MeshTools | undefined> {
  const servers = await getApiServer();
  if (!servers) return undefined;
  const istiod = await getIstiod();
  if (istiod === undefined) return undefined;
  const definitions = await istioDefinitions();
  return definitions && { servers, istiod, definitions };
}

export interface MeshedControl {
  readonly plane: ControlPlane;
  readonly control: MeshControl;
  readonly mesh: Mesh;
  /** Ends all of it and removes what it made. */
  readonly remove: () => Promise<void>;
}

/** @param env more of control's settings */
export async function startMeshedControl(tools: MeshTools, env: NodeJS.ProcessEnv = {}): Promise<MeshedControl> {
  const plane = await startControlPlane(tools.servers);
  const undo: (() => Promise<void>)[] = [() => plane.remove()];
  const remove = async (): Promise<void> => {
    for (let step = undo.pop(); step; step = undo.pop()) await step();
  };
  try {
    await define(plane.admin, ...tools.definitions);
    const istiod = await startIstiod(tools.istiod, plane);
    undo.push(() => istiod.process.stop());
    await createNamespace(plane.admin, "sidelight");
    const control = await MeshControl.prepare(await createStatedAccount(plane));
    undo.push(() => control.remove());
    await control.start(env);
    const mesh = await Mesh.start({ plane, istiod, control: control.ports });
    undo.push(() => mesh.stop());
    return { plane, control, mesh, remove };
  } catch (error) {
    await remove();
    throw error;
  }
}
