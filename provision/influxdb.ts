/**
 * influxd of InfluxDB 2: the one that the user names, else one on PATH, else the one in the cache, else built from the
 * sources in the Go and Rust registries. No package of a registry or of Debian carries it, and `go install` refuses its
 * go.mod (it replaces modules), so it is built inside Go's module cache.
 *
 * The version and its hash are pinned here; its go.sum pins Flux and everything else of Go, and Flux's Cargo.lock all
 * of Rust. A cold build takes some eight minutes on two cores.
 */
import { existsSync } from "node:fs";
import { copyFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheRoot, cached, fingerprint } from "./cache.ts";
import { findProgram } from "./find-program.ts";
import type { Progress, Step } from "./progress.ts";
import { run } from "./run.ts";

export interface InfluxDbBinary {
  readonly path: string;
  /** "2.7.12" */
  readonly version: string;
}

/** This machine cannot build influxd; the message says what it lacks. */
export class NoInfluxDbError extends Error {
  override readonly name = "NoInfluxDbError";
}

const version = "2.7.12";
const module = `github.com/influxdata/influxdb/v2@v${version}`;
const flux = "github.com/influxdata/flux";
/** The hash that Go's checksum database has of the module. */
const sum = "h1:m25dUSO7h6nm3zFC4v/aCNeFFmnN/mlN/uPo1T63bmk=";
const tools = ["go", "cargo", "gcc", "pkg-config"] as const;
const entry = `influxdb-${process.arch}-${fingerprint(version, sum)}`;
const buildLimitMs = 2_400_000;

/** The version in what `influxd version` prints: "InfluxDB v2.7.12 (git: none) build_date: ...". */
export function parseInfluxDbVersion(output: string): string | undefined {
  return /^InfluxDB v?(2\.\d+\.\d+)/m.exec(output)?.[1];
}

/** A working influxd. Builds it the first time if there is none. Throws a NoInfluxDbError where it cannot. */
export async function influxDbBinary(progress: Progress): Promise<InfluxDbBinary> {
  return await progress.step("InfluxDB", async (step) => {
    const found = (await presentInfluxDb()) ?? (await built(step));
    step.note(`${found.version} ${found.path}`);
    return found;
  });
}

/** A working influxd that is there already; undefined where one would have to be built. */
export async function presentInfluxDb(): Promise<InfluxDbBinary | undefined> {
  const path = binaryIn(join(cacheRoot(), entry));
  return (await namedByUser()) ?? (await onPath()) ?? (existsSync(path) ? { path, version } : undefined);
}

async function namedByUser(): Promise<InfluxDbBinary | undefined> {
  const path = process.env["INFLUXD_BIN"];
  if (!path) return undefined;
  try {
    return { path, version: await versionOf(path) };
  } catch (cause) {
    throw new Error(`INFLUXD_BIN names ${path}, which does not run as an InfluxDB 2; mend or unset it`, { cause });
  }
}

async function onPath(): Promise<InfluxDbBinary | undefined> {
  const path = findProgram("influxd");
  if (!path) return undefined;
  // Something else of that name (InfluxDB 1 has it too) is no reason to stop: what is built here does.
  const found = await versionOf(path).catch(() => undefined);
  return found ? { path, version: found } : undefined;
}

async function versionOf(path: string): Promise<string> {
  const found = parseInfluxDbVersion(await run(path, ["version"], { timeoutMs: 20_000 }));
  if (!found) throw new Error(`${path} version printed no InfluxDB 2`);
  return found;
}

async function built(step: Step): Promise<InfluxDbBinary> {
  const folder = await cached(entry, async (target) => {
    const missing = tools.filter((tool) => !findProgram(tool));
    if (missing.length > 0) {
      const mend = "install Go 1.23 or newer, a stable Rust, gcc and pkg-config, or set INFLUXD_BIN to an influxd 2.7";
      throw new NoInfluxDbError(`Building InfluxDB needs ${missing.join(", ")}, not on PATH here: ${mend}`);
    }
    const work = join(target, "work");
    await mkdir(work);
    await buildIn(work, binaryIn(target), step);
    await rm(work, { recursive: true, force: true });
    await versionOf(binaryIn(target));
  });
  return { path: binaryIn(folder), version };
}

function binaryIn(folder: string): string {
  return join(folder, "influxd");
}

/** The working folder holds no rust-toolchain file, so cargo runs as the user's usual one. */
async function buildIn(work: string, output: string, step: Step): Promise<void> {
  step.note("fetching the sources");
  const source = await download(work);
  const library = await fluxModule(source);
  step.note("1 of 2: building Flux's library (Rust), some 3 minutes");
  const libraries = await buildFlux(work, library.folder);
  const config = [
    ...["Name: Flux", "Description: Flux", `Version: ${library.version}`],
    `Libs: -L${libraries} -lflux -ldl -lpthread -lm`,
    `Cflags: -I${join(library.folder, "libflux", "include")}`,
  ];
  await writeFile(join(work, "flux.pc"), config.map((line) => `${line}\n`).join(""));
  step.note("2 of 2: building influxd (Go), some 5 minutes");
  const tags = ["-mod=readonly", "-tags", "sqlite_foreign_keys,sqlite_json"];
  const flags = ["-trimpath", "-ldflags", `-s -w -X main.version=v${version}`];
  await run("go", ["build", ...tags, ...flags, "-o", output, "./cmd/influxd"], {
    cwd: source,
    // A compiler cache of its own, gone with the folder: Go keeps linker flags in it, which name this folder.
    env: {
      ...process.env,
      CGO_ENABLED: "1",
      GOWORK: "off",
      GOCACHE: join(work, "go-cache"),
      PKG_CONFIG_PATH: work,
    },
    timeoutMs: buildLimitMs,
  });
}

/** Folder of the pinned module in Go's module cache. */
async function download(work: string): Promise<string> {
  const printed = await run("go", ["mod", "download", "-json", module], { cwd: work, env: goEnvironment() });
  const found = JSON.parse(printed) as { readonly Dir: string; readonly Sum: string };
  if (found.Sum !== sum) throw new Error(`${module} as fetched has the hash ${found.Sum}, not ${sum}`);
  return found.Dir;
}

async function fluxModule(source: string): Promise<{ readonly folder: string; readonly version: string }> {
  const options = { cwd: source, env: goEnvironment() };
  await run("go", ["mod", "download", flux], options);
  const found = await run("go", ["list", "-m", "-f", "{{.Dir}} {{.Version}}", flux], options);
  const [folder = "", fluxVersion = ""] = found.trim().split(" ");
  return { folder, version: fluxVersion.replace(/^v/, "") };
}

/** Builds libflux.a and returns a folder that holds only it. */
async function buildFlux(work: string, folder: string): Promise<string> {
  const target = join(work, "target");
  const what = ["--manifest-path", join(folder, "libflux", "Cargo.toml"), "-p", "flux", "--lib"];
  // The default features turn warnings of newer compilers into errors.
  const how = ["--crate-type", "staticlib", "--no-default-features", "--features", "cffi"];
  await run("cargo", ["rustc", "--release", "--locked", "--target-dir", target, ...what, ...how], {
    cwd: work,
    timeoutMs: buildLimitMs,
  });
  const libraries = join(work, "lib");
  await mkdir(libraries);
  await copyFile(join(target, "release", "libflux.a"), join(libraries, "libflux.a"));
  return libraries;
}

function goEnvironment(): NodeJS.ProcessEnv {
  return { ...process.env, GOWORK: "off" };
}
