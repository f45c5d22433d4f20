/** kubectl and helm, as people use them. */
import { presentTools } from "../../provision/kubernetes.ts";
import { run } from "../../provision/run.ts";

/** Runs one of the two with a kubeconfig, and gives what it printed. Throws with what it said where it fails. */
export type Tool = (kubeconfig: string, args: readonly string[], input?: string) => Promise<string>;

export interface PeoplesTools {
  readonly kubectl: Tool;
  readonly helm: Tool;
}

/** Both as far as they are there already; undefined, with a line that says so, where one is not. */
export async function findTools(): Promise<PeoplesTools | undefined> {
  const { kubectl, helm } = await presentTools(["kubectl", "helm"]);
  if (kubectl !== undefined && helm !== undefined) return { kubectl: toolAt(kubectl), helm: toolAt(helm) };
  process.stdout.write("skipped: there is no kubectl or no helm here yet; `npm test -- --slow install` builds them\n");
  return undefined;
}

export function toolAt(path: string): Tool {
  return (kubeconfig, args, input) =>
    run(path, args, {
      env: { ...process.env, KUBECONFIG: kubeconfig },
      timeoutMs: 120_000,
      ...(input !== undefined && { input }),
    });
}
