import { type Command, InvalidArgumentError, Option } from "commander";
import type { TapRequestsRequest } from "#proto/stats.ts";
import { parseStatus, type StatusRange } from "../api/status-range.ts";
import { MAX_TAP_MS, MAX_TAP_RATE } from "../ingest/limits.ts";
import { addServer, parseNumber, parseTime, untilInterrupted, withClient } from "./command.ts";
import { TapDocuments, TapTable } from "./tap-output.ts";
import { showTap } from "./tap-session.ts";
import { formatDuration } from "./units.ts";

interface TapOptions {
  readonly server: string;
  readonly json: boolean;
  readonly path: string;
  readonly method: string;
  readonly status?: StatusRange;
  readonly failed: boolean;
  readonly slower: number;
  readonly side: string;
  /** Seconds. */
  readonly for: number;
  readonly rate: number;
}

const FOR = { units: ["s", "m"], most: MAX_TAP_MS / 1000, words: "30s or 5m, and is 10m at most" };
const SLOWER = { units: ["ms", "s"], most: 3_600, words: "250ms or 2s" };

/** Adds `sidelight tap`. */
export function addTap(program: Command): void {
  addServer(program.command("tap"))
    .description("Show requests of one workload as they end, live: those that it serves and those that it sends.")
    .argument("<workload>", "the workload whose sidecars are asked (namespace/name)")
    .option("--path <prefix>", "only paths that begin so", "")
    .option("--method <method>", "only this method", readMethod, "")
    .option("--status <status>", "only this status: 404, 5xx or 500-504, or a grpc-status", readStatus)
    .option("--failed", "only server errors and what was not reached or not answered", false)
    .addOption(
      new Option("--slower <time>", "only what took so long, such as 250ms or 2s").argParser(parseTime(SLOWER)),
    )
    .addOption(new Option("--side <side>", "only what it serves, or what it sends").choices(["inbound", "outbound"]))
    .addOption(new Option("--for <time>", "how long, such as 30s or 5m").argParser(parseTime(FOR)).default(60, "60s"))
    .option(
      "--rate <requests>",
      "requests a second at most, over all sidecars",
      parseNumber({ least: 1, most: MAX_TAP_RATE, whole: true }),
      10,
    )
    .option("--json", "write JSON for programs instead of a table, a document a line", false)
    .addHelpText("after", examples)
    .action(async (workload: string, options: TapOptions) => {
      const limits = `at most ${options.rate}/s for ${formatDuration(options.for)}`;
      const output = options.json ? new TapDocuments() : new TapTable(workload, limits);
      const signal = untilInterrupted();
      await withClient(options.server, (control) => {
        return showTap(control.tap(requestOf(workload, options), { signal }), { workload, output, signal });
      });
    });
}

function requestOf(workload: string, options: TapOptions): TapRequestsRequest {
  const { status, slower = 0, side = "" } = options;
  return {
    ...{ workload, side, method: options.method, pathPrefix: options.path, onlyFailed: options.failed },
    ...{ durationSeconds: options.for, perSecond: options.rate, minDurationSeconds: slower },
    ...{ status: status?.from, statusTo: status?.to ?? 0 },
  };
}

/** Methods are told apart by case, and nobody means "get"; "~other" stands for all the rare ones. */
function readMethod(text: string): string {
  return text.startsWith("~") ? text : text.toUpperCase();
}

function readStatus(text: string): StatusRange {
  const range = parseStatus(text);
  if (range && range.from <= range.to) return range;
  throw new InvalidArgumentError("It looks like 404, 5xx or 500-504.");
}

const examples = `
Examples:
  $ sidelight tap shop/user
  $ sidelight tap shop/user --path /cards --status 5xx --for 5m
  $ sidelight tap shop/orders --side outbound --slower 500ms
  $ sidelight tap shop/user --failed --json | jq -r 'select(.path) | [.path, .traceId] | @tsv'

PEER is who asked (←) or was asked (→). What matched and is not shown is said as left out; counts are complete in any case.`;
