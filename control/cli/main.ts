import { CliError } from "./cli-error.ts";
import { runCli } from "./program.ts";

// Whoever reads the output may have seen enough: `sidelight top --once | head -3` is no error.
process.stdout.on("error", (error: NodeJS.ErrnoException) => {
  if (error.code === "EPIPE") process.exit(0);
  throw error;
});

try {
  await runCli(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof CliError)) throw error;
  if (error.message !== "") process.stderr.write(`sidelight: ${error.message}\n`);
  process.exitCode = error.exitCode;
}
