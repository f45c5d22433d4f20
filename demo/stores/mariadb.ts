import { mkdir, readFile } from "node:fs/promises";
import { createConnection } from "mysql2/promise";
import { join } from "node:path";
import { cached, fingerprint } from "../../provision/cache.ts";
import { debianPackages } from "../../provision/debian.ts";
import type { UnpackedPackages } from "../../provision/debian.ts";
import { run } from "../../provision/run.ts";
import type { PrepareStore } from "./store.ts";

/** Scripts of MariaDB's own that make its system tables, in the order of mariadb-install-db. */
const systemScripts = [
  "mysql_system_tables.sql",
  "mysql_performance_tables.sql",
  "mysql_system_tables_data.sql",
  "fill_help_tables.sql",
  "maria_add_gis_sp_bootstrap.sql",
  "mysql_sys_schema.sql",
];

/** The shop signs in as root without a password, from loopback. */
const users = `
FLUSH PRIVILEGES;
CREATE OR REPLACE USER root@'127.%' IDENTIFIED BY '';
GRANT ALL PRIVILEGES ON *.* TO root@'127.%' WITH GRANT OPTION;
`;

/** Debian's MariaDB. A data folder with the system tables is made once and copied for each start. */
export const prepareMariadb: PrepareStore = async (step) => {
  step.note("Debian's mariadb-server-core");
  const packages = await debianPackages("mariadb", ["mariadb-server-core"]);
  const server = serverCommand(packages);
  const scripts = await Promise.all(systemScripts.map((name) => readFile(join(shareFolder(packages), name), "utf8")));
  const sql = [
    "CREATE DATABASE mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\nSET @skip_auth_anonymous=1;",
    ...scripts,
    users,
  ].join("\n");
  step.note("making the system tables");
  const template = await cached(`mariadb-data-${fingerprint(packages.root, sql)}`, async (folder) => {
    const data = join(folder, "data");
    await mkdir(data);
    const bootstrap = ["--bootstrap", "--silent-startup", "--skip-log-error", `--datadir=${data}`];
    await run(server.command, [...server.args, ...bootstrap], { env: { ...process.env, ...server.env }, input: sql });
  });
  return {
    parts: async ({ name, address, port, folder }) => {
      const data = join(folder, "data");
      await run("cp", ["-R", join(template, "data"), data]);
      const listen = [`--bind-address=${address}`, `--port=${port}`, "--skip-name-resolve", "--max-connections=100"];
      const files = [`--datadir=${data}`, `--socket=${join(folder, "socket")}`, `--pid-file=${join(folder, "pid")}`];
      return [
        {
          name,
          command: server.command,
          args: [...server.args, ...listen, ...files],
          env: server.env,
          cwd: folder,
          isReady: async () => {
            const connection = await createConnection({ host: address, port, user: "root", connectTimeout: 2_000 });
            await connection.end();
            return true;
          },
        },
      ];
    },
  };
};

function shareFolder({ root }: UnpackedPackages): string {
  return join(root, "usr", "share", "mysql");
}

function serverCommand(packages: UnpackedPackages) {
  const usr = join(packages.root, "usr");
  const share = shareFolder(packages);
  const args = [
    "--no-defaults",
    `--basedir=${usr}`,
    `--lc-messages-dir=${share}`,
    `--character-sets-dir=${join(share, "charsets")}`,
    `--plugin-dir=${join(usr, "lib", "mysql", "plugin")}`,
    "--innodb-buffer-pool-size=32M",
    "--innodb-log-file-size=8M",
    // The data lives no longer than the demo.
    "--innodb-flush-log-at-trx-commit=0",
  ];
  // MariaDB refuses to run as root unless it is told to.
  if (process.getuid?.() === 0) args.push("--user=root");
  return { command: join(usr, "sbin", "mariadbd"), args, env: { LD_LIBRARY_PATH: packages.libraryPath } };
}
