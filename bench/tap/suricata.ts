/**
 * Suricata 7 of Debian's backports on one thread, without rules, in three settings: as Debian installs it; with HTTP alone, of which each
 * request is logged; and with HTTP alone, of which requests are counted and no more. Logs go to /dev/null.
 */
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";

import { debianPackages } from "../../provision/debian.ts";
import type { Program } from "./programs.ts";

/** The index is that of Debian's list of outputs. */
const EVE_NOWHERE = ["--set", "outputs.1.eve-log.filename=/dev/null"];
const COUNTED = `%YAML 1.1
---
stats: {enabled: yes}
app-layer: {protocols: {http: {enabled: yes}}}
outputs:
  - stats: {enabled: yes, filename: stats.log, append: no}
`;
const LOGGED = `${COUNTED}  - eve-log: {enabled: yes, filetype: regular, filename: /dev/null, types: [http]}\n`;

/** The three by name, from the one that does most. */
export async function suricatas(folder: string): Promise<Record<string, Program>> {
  const { root, libraryPath } = await debianPackages("suricata", ["suricata"], { isOfBackports: true });
  const command = join(root, "usr/bin/suricata");
  const env = { ...process.env, LD_LIBRARY_PATH: libraryPath };
  const installed = await readFile(join(root, "etc/suricata/suricata.yaml"), "utf8");
  const program = async (name: string, config: string, more: readonly string[] = []): Promise<Program> => {
    const logs = join(folder, name);
    await mkdir(logs);
    await writeFile(join(logs, "suricata.yaml"), config);
    const settings = ["-c", join(logs, "suricata.yaml"), "-l", logs, "-S", "/dev/null", "--runmode", "single", ...more];
    // Checksums are not looked at: what a node sends to itself has none.
    const words = [...settings, "-k", "none"];
    return {
      command,
      env,
      words: (file) => [...words, "-r", file],
      check: async (requests) => checkCounter(await readFile(join(logs, "stats.log"), "utf8"), requests),
    };
  };
  return {
    "Suricata as installed": await program(
      "installed",
      installed.replaceAll("/etc/suricata/", `${join(root, "etc/suricata")}/`),
      EVE_NOWHERE,
    ),
    "Suricata, log of HTTP alone": await program("logged", LOGGED),
    "Suricata, HTTP counted alone": await program("counted", COUNTED),
  };
}

/** What Suricata wrote when it ended: counters of all its threads together, the last ones below. */
function checkCounter(stats: string, requests: number): void {
  const counted = [...stats.matchAll(/^app_layer\.tx\.http\s*\|\s*Total\s*\|\s*(\d+)/gm)].at(-1)?.[1];
  if (Number(counted) !== requests) {
    throw new Error(`Suricata counted ${counted ?? "no"} requests, and not the ${requests} that there were`);
  }
}
