import { readdir, writeFile } from "node:fs/promises";
import { delimiter, join } from "node:path";
import { debianPackages } from "../../provision/debian.ts";
import type { UnpackedPackages } from "../../provision/debian.ts";
import { freePort } from "../free-port.ts";
import { answers } from "../ready.ts";
import type { PrepareStore, StorePlace } from "./store.ts";

/** AMQP 0-9-1's protocol header; the server answers it with the frame of Connection.Start, which begins with 1. */
const amqpHeader = Buffer.from([0x41, 0x4d, 0x51, 0x50, 0, 0, 9, 1]);

/**
 * Debian's RabbitMQ. Its scripts take fixed paths below /usr for granted, so the Erlang machine is started the way they
 * would start it, with the unpacked paths.
 */
export const prepareRabbitmq: PrepareStore = async (step) => {
  step.note("Debian's rabbitmq-server and Erlang, 50 MB");
  const packages = await debianPackages("rabbitmq", ["rabbitmq-server"]);
  const erlang = join(packages.root, "usr", "lib", "erlang");
  const programs = join(erlang, await only(erlang, "erts-"), "bin");
  const servers = join(packages.root, "usr", "lib", "rabbitmq", "lib");
  const home = join(servers, await only(servers, "rabbitmq_server-"));
  return {
    parts: async (place) => {
      const { name, address, port, folder } = place;
      const namesPort = await freePort(address);
      await writeFile(join(folder, "rabbitmq.conf"), configuration(place));
      await writeFile(join(folder, "enabled_plugins"), "[].\n");
      const env = {
        ...erlangEnvironment(packages, { erlang, programs, folder }),
        ERL_EPMD_ADDRESS: address,
        ERL_EPMD_PORT: String(namesPort),
        ERL_LIBS: join(home, "plugins"),
        RABBITMQ_HOME: home,
        RABBITMQ_NODENAME: "rabbit@localhost",
        RABBITMQ_CONF_ENV_FILE: join(folder, "none"),
        RABBITMQ_CONFIG_FILE: join(folder, "rabbitmq.conf"),
        RABBITMQ_ENABLED_PLUGINS_FILE: join(folder, "enabled_plugins"),
        RABBITMQ_MNESIA_BASE: join(folder, "data"),
        RABBITMQ_LOG_BASE: join(folder, "log"),
        RABBITMQ_PID_FILE: join(folder, "pid"),
        RABBITMQ_DIST_PORT: String(await freePort(address)),
      };
      return [
        {
          name: `${name}-epmd`,
          command: join(programs, "epmd"),
          args: ["-address", address, "-port", String(namesPort)],
          env,
          cwd: folder,
          // A NAMES_REQ: two bytes of length, then "n"; the answer begins with its own port.
          isReady: () => answers({ address, port: namesPort, say: Buffer.from([0, 1, 0x6e]) }),
        },
        {
          name,
          command: join(programs, "erlexec"),
          args: serverArguments(address),
          env,
          cwd: folder,
          readyWithinMs: 90_000,
          isReady: () => answers({ address, port, say: amqpHeader, expect: "\x01" }),
        },
      ];
    },
  };
};

function configuration({ address, port }: StorePlace): string {
  return [
    `listeners.tcp.1 = ${address}:${port}`,
    "log.console = true",
    "log.console.level = warning",
    "log.file = false",
    // A demo must not stop publishing because the disk of the machine is nearly full.
    "disk_free_limit.absolute = 10MB",
    "",
  ].join("\n");
}

function erlangEnvironment(packages: UnpackedPackages, at: { erlang: string; programs: string; folder: string }) {
  return {
    LD_LIBRARY_PATH: packages.libraryPath,
    ROOTDIR: at.erlang,
    BINDIR: at.programs,
    EMU: "beam",
    PROGNAME: "erl",
    PATH: [at.programs, process.env["PATH"] ?? ""].join(delimiter),
    // Erlang writes its cookie there.
    HOME: at.folder,
    ERL_CRASH_DUMP: "/dev/null",
  };
}

/** As the script rabbitmq-server has them, without busy waiting: the demo shares its cores. */
function serverArguments(address: string): string[] {
  const allocators = ["+MBas", "ageffcbf", "+MHas", "ageffcbf", "+MBlmbcs", "512", "+MHlmbcs", "512", "+MMmcs", "30"];
  const quiet = ["+W", "w", "+sbwt", "none", "+sbwtdcpu", "none", "+sbwtdio", "none", "+B", "i"];
  const kernel = ["-kernel", "prevent_overlapping_partitions", "false"];
  const distribution = ["-kernel", "inet_dist_use_interface", `{${address.replaceAll(".", ",")}}`];
  const logging = ["-syslog", "logger", "[]", "-syslog", "syslog_error_logger", "false"];
  const boot = ["-noinput", "-s", "rabbit", "boot", "-boot", "start_sasl"];
  return [...boot, ...quiet, ...allocators, ...logging, ...kernel, ...distribution];
}

async function only(folder: string, prefix: string): Promise<string> {
  const found = (await readdir(folder)).find((name) => name.startsWith(prefix));
  if (!found) throw new Error(`There is no ${prefix}* in ${folder}; remove the folder to have it fetched again`);
  return found;
}
