/**
 * A Chromium for looking at the UI: `$CHROMIUM_BIN`, else one on PATH, else Debian's, unpacked into the cache without
 * root together with its libraries and a font.
 */
import { existsSync } from "node:fs";
import { rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { debianPackages } from "./debian.ts";
import { findProgram } from "./find-program.ts";
import type { Progress } from "./progress.ts";
import { run } from "./run.ts";

/** What playwright-core's `chromium.launch` wants: `executablePath`, `env`, `args`. */
export interface ChromiumBinary {
  readonly path: string;
  /** The whole environment to start it with. */
  readonly env: Record<string, string>;
  readonly args: readonly string[];
}

/** An unpacked Chromium has no setuid helper, and containers allow no user namespaces; it only sees our own pages. */
const args = ["--no-sandbox"];

/** Fonts of the unpacked packages only; "relative" is to this file, so the folder may lie anywhere. */
const fontsConf = `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "urn:fontconfig:fonts.dtd">
<fontconfig>
  <dir prefix="relative">usr/share/fonts</dir>
  <cachedir prefix="xdg">fontconfig</cachedir>
</fontconfig>
`;

/** A Chromium that starts. Downloads some 150 MB the first time if there is none. */
export async function chromiumBinary(progress: Progress): Promise<ChromiumBinary> {
  return await progress.step("Chromium", async (step) => {
    const own = process.env["CHROMIUM_BIN"];
    const path = own ?? findProgram("chromium", "chromium-browser", "google-chrome", "google-chrome-stable");
    const found = path ? { path, env: environment({}), args } : await unpacked(step.note.bind(step));
    step.note(await versionOf(found, own));
    return found;
  });
}

async function unpacked(note: (text: string) => void): Promise<ChromiumBinary> {
  note("downloading Debian's chromium, some 150 MB");
  const { root, libraryPath } = await debianPackages("chromium", ["chromium", "fonts-dejavu-core"]);
  const conf = join(root, "fonts.conf");
  if (!existsSync(conf)) {
    await writeFile(`${conf}.${process.pid}`, fontsConf);
    await rename(`${conf}.${process.pid}`, conf);
  }
  const path = join(root, "usr", "lib", "chromium", "chromium");
  return { path, env: environment({ LD_LIBRARY_PATH: libraryPath, FONTCONFIG_FILE: conf }), args };
}

async function versionOf(found: ChromiumBinary, own: string | undefined): Promise<string> {
  try {
    const version = await run(found.path, [...args, "--version"], { env: found.env, timeoutMs: 30_000 });
    return `${version.trim()} ${found.path}`;
  } catch (cause) {
    const hint = own ? "mend or unset CHROMIUM_BIN" : "set CHROMIUM_BIN to one that does";
    throw new Error(`The Chromium at ${found.path} does not start; ${hint}`, { cause });
  }
}

function environment(more: Record<string, string>): Record<string, string> {
  const present = Object.entries(process.env).filter((pair): pair is [string, string] => pair[1] !== undefined);
  return { ...Object.fromEntries(present), ...more };
}
