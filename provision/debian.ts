/**
 * Debian packages without root: apt resolves the names and what they need beyond Debian's base system and downloads
 * it, and it is unpacked into a folder of the cache instead of being installed.
 *
 * apt checks every download against the distribution's signed index, with the machine's own sources and keys. The
 * versions are therefore those of the distribution at the time, not pinned by this project.
 */
import { mkdir, readFile, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { writeSources } from "./apt-sources.ts";
import { cacheRoot, cached, fingerprint, locked } from "./cache.ts";
import { baseSystem } from "./dpkg-status.ts";
import { findProgram } from "./find-program.ts";
import { run } from "./run.ts";

export interface PackageOptions {
  /** Whether the distribution's backports come first, for what it has in newer versions there. */
  readonly isOfBackports?: boolean;
}

/** A folder that stands for "/" of the unpacked packages. */
export interface UnpackedPackages {
  readonly root: string;
  /** Value for LD_LIBRARY_PATH. */
  readonly libraryPath: string;
}

const dpkgStatus = "/var/lib/dpkg/status";
const listsFreshMs = 3_600_000;
const triples: Partial<Record<NodeJS.Architecture, string>> = { x64: "x86_64-linux-gnu", arm64: "aarch64-linux-gnu" };

/** Unpacks the named packages and all they need beyond Debian's base system. */
export async function debianPackages(
  key: string,
  names: readonly string[],
  { isOfBackports = false }: PackageOptions = {},
): Promise<UnpackedPackages> {
  const codename = await release();
  const backports = isOfBackports ? [`${codename}-backports`] : [];
  const entry = `debian-${key}-${fingerprint(codename, process.arch, names.join(" "), ...backports)}`;
  const root = await cached(entry, async (folder) => {
    const archives = await download(key, names, isOfBackports ? codename : undefined);
    const packages = (await readdir(archives)).filter((file) => file.endsWith(".deb")).sort();
    for (const file of packages) await run("dpkg-deb", ["-x", join(archives, file), folder]);
    for (const unused of ["doc", "man", "locale", "icons"]) {
      await rm(join(folder, "usr", "share", unused), { recursive: true, force: true });
    }
    await writeFile(join(folder, "packages.txt"), packages.map((file) => `${file}\n`).join(""));
    await rm(archives, { recursive: true, force: true });
  });
  return { root, libraryPath: libraryFolders(root).join(":") };
}

/**
 * Folders of an unpacked root that hold shared libraries, and those one below: a library may find its private ones by an
 * absolute path (pulseaudio's does) that does not hold here.
 */
function libraryFolders(root: string): string[] {
  const triple = triples[process.arch];
  const folders = ["usr/lib", "lib"].flatMap((folder) => (triple ? [`${folder}/${triple}`, folder] : [folder]));
  const present = folders.map((folder) => join(root, folder)).filter((folder) => existsSync(folder));
  return present.flatMap((folder) => [folder, ...privateFolders(folder)]);
}

function privateFolders(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(folder, entry.name))
    .filter((below) => readdirSync(below).some((file) => /^lib.*\.so(\.|$)/.test(file)));
}

/** Which distribution this is, or an error that says what to do where it has no apt. */
async function release(): Promise<string> {
  if (!findProgram("apt-get") || !findProgram("dpkg-deb") || !existsSync(dpkgStatus)) {
    throw new Error(
      "This needs packages of a Debian-like distribution (apt-get and dpkg), and this machine is none: " +
        "run it on Debian 12 or in a container of it",
    );
  }
  const text = await readFile("/etc/os-release", "utf8").catch(() => "");
  return /^VERSION_CODENAME=(.*)$/m.exec(text)?.[1] ?? text;
}

/** Downloads the closure of `names`, with the backports of a release where one is given; returns the folder with the .deb files. */
async function download(key: string, names: readonly string[], backportsOf?: string): Promise<string> {
  // An update forgets the lists of sources that it is not given, so each of the two has its own.
  const state = join(cacheRoot(), backportsOf ? "apt-backports" : "apt");
  return await locked(join(state, "lock"), async () => {
    const archives = join(state, "archives", key);
    await rm(archives, { recursive: true, force: true });
    await mkdir(join(archives, "partial"), { recursive: true });
    await mkdir(join(state, "state", "lists", "partial"), { recursive: true });
    const status = join(state, "status");
    await writeFile(status, baseSystem(await readFile(dpkgStatus, "utf8")));
    const options = aptOptions(state, archives, status);
    if (backportsOf) {
      const sources = join(state, "sources");
      await writeSources(sources, backportsOf);
      options.push("-o", "Dir::Etc::SourceList=/dev/null", "-o", `Dir::Etc::SourceParts=${sources}`);
      options.push("-o", `APT::Default-Release=${backportsOf}-backports`);
    }
    await refreshLists(state, options);
    const how = ["--download-only", "--yes", "--no-install-recommends"];
    await run("apt-get", [...options, "install", ...how, ...names], { env: plainEnvironment() });
    return archives;
  });
}

function aptOptions(state: string, archives: string, status: string): string[] {
  const settings = [
    `Dir::State=${join(state, "state")}`,
    `Dir::State::status=${status}`,
    `Dir::Cache=${state}`,
    `Dir::Cache::archives=${archives}`,
    "Dir::Cache::pkgcache=",
    "Dir::Cache::srcpkgcache=",
    "Dir::Log=/dev/null",
    // What the machine's configuration hooks on to apt (cleaning system caches, say) is not for us to run.
    "APT::Update::Post-Invoke=",
    "Debug::NoLocking=1",
    "Acquire::Retries=3",
    "Acquire::Languages=none",
  ];
  // apt as root would download as the user _apt, which may not enter root's home.
  if (process.getuid?.() === 0) settings.push("APT::Sandbox::User=root");
  return ["--quiet=2", ...settings.flatMap((setting) => ["-o", setting])];
}

/** Keeps the package lists for an hour. The stamp is written last, so an update that was cut off is done again. */
async function refreshLists(state: string, options: readonly string[]): Promise<void> {
  const stamp = join(state, "updated");
  const age =
    Date.now() -
    (await stat(stamp).then(
      (is) => is.mtimeMs,
      () => 0,
    ));
  if (age >= 0 && age < listsFreshMs) return;
  await run("apt-get", [...options, "update"], { env: plainEnvironment() });
  await writeFile(`${stamp}.new`, "");
  await rename(`${stamp}.new`, stamp);
}

function plainEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, LC_ALL: "C", DEBIAN_FRONTEND: "noninteractive" };
}
