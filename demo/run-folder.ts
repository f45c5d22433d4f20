/**
 * What a running demo leaves for others to find it by: a file in the cache with its process id, where its parts
 * listen, and its temporary folder. A file whose process is gone is cleared away, with the folder that it names.
 */
import { chmod, mkdir, mkdtemp, readFile, readdir, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { z } from "zod";
import { cacheRoot } from "../provision/cache.ts";

const folderPrefix = "sidelight-demo-";

const runningDemoSchema = z.object({
  pid: z.int().positive(),
  /** When the process started, in clock ticks since boot (proc(5), field 22): process ids are used again. */
  startTicks: z.string(),
  startedAtMs: z.number(),
  /** Whether every part is up. */
  ready: z.boolean(),
  folder: z.string(),
  /** Base URLs. */
  ui: z.string(),
  shop: z.string(),
  shopControl: z.string(),
  loadControl: z.string(),
});

/** A demo as others find it. */
export type RunningDemo = z.infer<typeof runningDemoSchema>;

function runsFolder(): string {
  return join(cacheRoot(), "run");
}

function ownFile(): string {
  return join(runsFolder(), `${process.pid}.json`);
}

/** A new folder for the data, configuration and logs of one demo; readable for the account that PostgreSQL runs as. */
export async function makeDemoFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), folderPrefix));
  await chmod(folder, 0o755);
  return folder;
}

/** Announces this process's demo, or announces it anew. */
export async function announce(demo: Omit<RunningDemo, "pid" | "startTicks">): Promise<void> {
  const file = ownFile();
  const entry: RunningDemo = { ...demo, pid: process.pid, startTicks: (await startTicks(process.pid)) ?? "" };
  await mkdir(runsFolder(), { recursive: true });
  await writeFile(`${file}.new`, JSON.stringify(entry));
  await rename(`${file}.new`, file);
}

/** Takes this process's announcement back. */
export async function retract(): Promise<void> {
  await rm(ownFile(), { force: true });
}

/** The demos of this user that are running, the latest first. Clears away what dead ones left. */
export async function runningDemos(): Promise<RunningDemo[]> {
  const names = await readdir(runsFolder()).catch(() => []);
  const found: RunningDemo[] = [];
  for (const name of names.filter((each) => each.endsWith(".json"))) {
    const file = join(runsFolder(), name);
    const demo = await readAnnouncement(file);
    if (demo && (await startTicks(demo.pid)) === demo.startTicks) {
      found.push(demo);
      continue;
    }
    if (demo && basename(demo.folder).startsWith(folderPrefix)) await rm(demo.folder, { recursive: true, force: true });
    await rm(file, { force: true });
  }
  return found.sort((a, b) => b.startedAtMs - a.startedAtMs);
}

async function readAnnouncement(file: string): Promise<RunningDemo | undefined> {
  try {
    return runningDemoSchema.parse(JSON.parse(await readFile(file, "utf8")));
  } catch {
    // Of another version, or cut off: nobody can use it.
    return undefined;
  }
}

async function startTicks(pid: number): Promise<string | undefined> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  // The second field is the program's name in parentheses and may hold spaces; field 3 follows the last parenthesis.
  return stat.slice(stat.lastIndexOf(")") + 2).split(" ")[19];
}
