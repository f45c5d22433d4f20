import type { SidelightError } from "../../client/index.ts";
import { CliError } from "./cli-error.ts";

/** What went wrong between the command and control, for people: what was asked of whom, and what to do. */
export function explain(cause: SidelightError): CliError {
  const { address, service, method, details } = cause;
  const where = `control at ${address}`;
  if (cause.field === "address") return new CliError("usage", details, { cause });
  // What is lost was there: it needs other words than what never was.
  if (cause.isUnavailable && cause.isCut) return new CliError("unreachable", `lost ${where}: ${details}`, { cause });
  if (cause.isUnavailable) {
    return new CliError(
      "unreachable",
      `cannot reach ${where}: ${details}\n` +
        "Is it running there? Start the demo with `npm run demo`, or name control's gRPC address (not that of the UI)\n" +
        "with --server host:port or $SIDELIGHT_SERVER.",
      { cause },
    );
  }
  if (cause.isTimeout) return new CliError("unreachable", `${where} did not answer ${method}: ${details}`, { cause });
  if (cause.isUnsupported) {
    const message = `${where} does not know ${service}.${method}: is it Sidelight, and of this version?`;
    return new CliError("refused", message, { cause });
  }
  return new CliError("refused", `${where}: ${details}`, { cause });
}
