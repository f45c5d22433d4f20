/** Debian's Prometheus Alertmanager, unpacked without root. */
import { chmod, readFile, writeFile } from "node:fs/promises";
import { basename, join } from "node:path";
import { cached } from "./cache.ts";
import { debianPackages } from "./debian.ts";

export interface AlertmanagerProgram {
  readonly alertmanager: string;
  /** The folder that it must be started in. */
  readonly cwd: string;
}

/** Where Debian's build looks for its templates, whatever it is told. */
const TEMPLATES = "/usr/share/prometheus/alertmanager";

/** Downloads some 20 MB the first time. Throws where there is no apt. */
export async function alertmanagerProgram(): Promise<AlertmanagerProgram> {
  const { root } = await debianPackages("alertmanager", ["prometheus-alertmanager"]);
  const folder = await cached(`${basename(root)}-here`, async (made) => {
    const path = join(made, "prometheus-alertmanager");
    await writeFile(path, lookingHere(await readFile(join(root, "usr", "bin", "prometheus-alertmanager"))));
    await chmod(path, 0o755);
  });
  return { alertmanager: join(folder, "prometheus-alertmanager"), cwd: join(root, TEMPLATES) };
}

/**
 * A copy that looks for its templates in the folder it is started in: the package is unpacked elsewhere than it was built for, and its
 * path is in the program. What stands in its place is as long and means "here".
 */
function lookingHere(program: Buffer): Buffer {
  const here = "./".repeat(TEMPLATES.length / 2);
  let changed = 0;
  for (let at = program.indexOf(TEMPLATES); at >= 0; at = program.indexOf(TEMPLATES, at + here.length)) {
    program.write(here, at, "latin1");
    changed += 1;
  }
  if (changed > 0) return program;
  throw new Error(
    "Debian's Alertmanager does not look for its templates where it used to; see provision/alertmanager.ts",
  );
}
