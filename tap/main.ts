/** `npm run tap`: the command line. `npm run tap -- --help` says what there is. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { Command, CommanderError } from "commander";

import { progressOn } from "../provision/progress.ts";
import { projectRoot } from "../provision/project-root.ts";
import { DocumentSums } from "./document.ts";
import { CaptureError, readFileInto } from "./file.ts";
import { runLive } from "./live.ts";
import { report } from "./report.ts";
import { SettingsError, readLiveSettings } from "./settings.ts";
import type { LiveFlags, LiveSettings } from "./settings.ts";
import { CannotCaptureError } from "./tcpdump.ts";

const examples = `
Examples:
  npm run tap -- --read shop.pcap             what a capture holds, as tables
  npm run tap -- --read shop.pcap.gz --json   the same as one JSON document (docs/tap.md)
  tcpdump -w - | npm run tap -- --read -      a capture that comes on stdin
  npm run tap -- --live --interface eth0      what passes now, as tables at Ctrl-C; needs root or CAP_NET_RAW
  npm run tap -- --live --control 127.0.0.1:9400 --node node-1
                                              what passes on all interfaces, told to control
`;

interface Flags extends LiveFlags {
  readonly read?: string;
  readonly live?: boolean;
}

async function main(): Promise<void> {
  const program = new Command("npm run tap --")
    .description("Reads packets and tells the requests that they carry.")
    .option("--read <file>", "a capture: pcap or pcapng, also compressed by gzip; - for stdin")
    .option("--live", "capture what passes")
    .option("--interface <name>", "with --live: an interface, also several times; all where none is named", collect)
    .option("--control <host:port>", "with --live: where control takes reports")
    .option("--node <name>", "with --live: the node's name; the host's where it is left out")
    .option("--filter <expression>", "with --live: only what this filter of pcap lets through")
    .option("--health <host:port>", "with --live: where probes are answered, /healthz and /readyz; nowhere if left out")
    .option("--buffer-mb <megabytes>", "with --live: room for packets that wait in the kernel (32)")
    .option("--seconds <number>", "with --live: end after so many seconds")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples)
    .showHelpAfterError("(--help shows what there is)")
    .allowExcessArguments(false)
    .exitOverride()
    .parse(process.argv);
  const flags = program.opts<Flags>();
  if (flags.live === (flags.read !== undefined)) {
    throw new SettingsError("There is nothing to read. Give it a capture, as in --read FILE, or --live");
  }
  const settings = flags.live ? readLiveSettings(flags, process.env) : undefined;
  // An image has what is built, and nothing to build it of.
  if (existsSync(join(projectRoot, "wasm-filter"))) {
    const { build } = await import("../provision/build.ts");
    await build(progressOn(), ["proto", "tap"]);
  }
  if (settings) return live(settings, flags);
  const sums = new DocumentSums();
  const warnings = await readFileInto(flags.read ?? "", sums);
  print(sums, flags);
  for (const warning of warnings) process.stderr.write(`tap: ${warning}\n`);
}

async function live(settings: LiveSettings, flags: Flags): Promise<void> {
  const stop = new AbortController();
  for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => stop.abort());
  const sums = await runLive(settings, stop.signal);
  if (settings.isSummedUp) print(sums, flags);
}

function print(sums: DocumentSums, { json }: Flags): void {
  const document = sums.document();
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : report(document));
}

function collect(name: string, before: readonly string[] = []): readonly string[] {
  return [...before, name];
}

// Whoever reads the output may have seen enough: `npm run tap -- --read FILE | head -3` is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await main();
} catch (error) {
  if (error instanceof CommanderError) {
    process.exitCode = error.exitCode === 0 ? 0 : 2;
  } else if (error instanceof CaptureError || error instanceof CannotCaptureError || error instanceof SettingsError) {
    process.stderr.write(`tap: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
