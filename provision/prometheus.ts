/** Debian's Prometheus and its promtool, unpacked without root. */
import { join } from "node:path";
import { debianPackages } from "./debian.ts";

export interface PrometheusPrograms {
  readonly prometheus: string;
  readonly promtool: string;
  /** What both need in their environment. */
  readonly env: NodeJS.ProcessEnv;
}

/** Downloads some 90 MB the first time. Throws where there is no apt. */
export async function prometheusPrograms(): Promise<PrometheusPrograms> {
  const { root, libraryPath } = await debianPackages("prometheus", ["prometheus"]);
  const program = (name: string): string => join(root, "usr", "bin", name);
  return { prometheus: program("prometheus"), promtool: program("promtool"), env: { LD_LIBRARY_PATH: libraryPath } };
}
