/** `npm run tap`: the command line. `npm run tap -- --help` says what there is. */
import { Command, CommanderError } from "commander";

import { build } from "../provision/build.ts";
import { progressOn } from "../provision/progress.ts";
import { DocumentSums } from "./document.ts";
import { CaptureError, readFileInto } from "./file.ts";
import { report } from "./report.ts";

const examples = `
Examples:
  npm run tap -- --read shop.pcap             what a capture holds, as tables
  npm run tap -- --read shop.pcap.gz --json   the same as one JSON document (docs/tap.md)
  tcpdump -w - | npm run tap -- --read -      a capture that comes on stdin
`;

interface Flags {
  readonly read?: string;
  readonly json?: boolean;
}

async function main(): Promise<void> {
  const program = new Command("npm run tap --")
    .description("Reads packets and tells the requests that they carry.")
    .option("--read <file>", "a capture: pcap or pcapng, also compressed by gzip; - for stdin")
    .option("--json", "print one JSON document")
    .addHelpText("after", examples)
    .showHelpAfterError("(--help shows what there is)")
    .allowExcessArguments(false)
    .exitOverride()
    .parse(process.argv);
  const { read, json } = program.opts<Flags>();
  if (read === undefined) throw new CaptureError("There is nothing to read. Give it a capture, as in --read FILE");
  await build(progressOn(), ["proto", "tap"]);
  const sums = new DocumentSums();
  const warning = await readFileInto(read, sums);
  const document = sums.document();
  process.stdout.write(json ? `${JSON.stringify(document, null, 2)}\n` : report(document));
  if (warning) process.stderr.write(`tap: ${warning}\n`);
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
  } else if (error instanceof CaptureError) {
    process.stderr.write(`tap: ${error.message}\n`);
    process.exitCode = 1;
  } else {
    throw error;
  }
}
