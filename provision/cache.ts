/**
 * The cache outside the clone: what was downloaded or built once, each entry a folder.
 *
 * An entry appears by a rename when it is complete, so a kill at any moment leaves no half-filled entry. Two processes
 * that want the same entry at once are kept apart by flock(1): the kernel gives the lock back when its holder dies,
 * however it dies, so there is no stale lock to guess about.
 */
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** `$SIDELIGHT_CACHE`, else `$XDG_CACHE_HOME/sidelight`, else `~/.cache/sidelight`. */
export function cacheRoot(): string {
  const own = process.env["SIDELIGHT_CACHE"];
  if (own) return resolve(own);
  const xdg = process.env["XDG_CACHE_HOME"];
  return xdg ? join(resolve(xdg), "sidelight") : join(homedir(), ".cache", "sidelight");
}

/** Twelve hexadecimal digits that stand for the parts, for use in a cache key. */
export function fingerprint(...parts: readonly string[]): string {
  const hash = createHash("sha256");
  for (const part of parts) hash.update(`${part.length}:${part}`);
  return hash.digest("hex").slice(0, 12);
}

/**
 * The folder of a cache entry; `build` fills it if it is not there yet. `build` is given a folder beside the final
 * one, so nothing in it may depend on its own path.
 */
export async function cached(key: string, build: (folder: string) => Promise<void>): Promise<string> {
  const entry = join(cacheRoot(), key);
  if (existsSync(entry)) return entry;
  await makeFolder(dirname(entry));
  return await locked(`${entry}.lock`, async () => {
    if (existsSync(entry)) return entry;
    const partial = `${entry}.partial`;
    await rm(partial, { recursive: true, force: true });
    await mkdir(partial);
    try {
      await build(partial);
    } catch (error) {
      await rm(partial, { recursive: true, force: true });
      throw error;
    }
    await rename(partial, entry);
    return entry;
  });
}

/** Runs `work` while this process alone holds the lock on `file`; waits for whoever holds it. */
export async function locked<T>(file: string, work: () => Promise<T>): Promise<T> {
  await makeFolder(dirname(file));
  const release = await takeLock(file);
  try {
    return await work();
  } finally {
    await release();
  }
}

/**
 * A child holds the lock as long as its standard input is open, which the kernel closes with this process. It stands in
 * a session of its own, so that a Ctrl-C meant for us does not take the lock away from the clean-up.
 */
async function takeLock(file: string): Promise<() => Promise<void>> {
  const holder = spawn("flock", [file, "sh", "-c", "echo locked; exec cat >/dev/null"], {
    stdio: ["pipe", "pipe", "ignore"],
    detached: true,
  });
  const ended = new Promise<void>((done) => holder.once("close", () => done()));
  await new Promise<void>((done, fail) => {
    holder.once("error", (cause) => fail(new Error(`Locking ${file} (is flock of util-linux installed?)`, { cause })));
    holder.once("exit", (code) => fail(new Error(`Locking ${file}: flock ended with code ${code}`)));
    holder.stdout.once("data", () => done());
  });
  return async () => {
    holder.stdin.end();
    await ended;
  };
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
  } catch (cause) {
    const hint = "set SIDELIGHT_CACHE to a folder that you may write to";
    throw new Error(`Making the cache folder ${folder} (${hint})`, { cause });
  }
}
