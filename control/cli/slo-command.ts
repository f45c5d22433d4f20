import type { Command } from "commander";
import { problemText } from "../alerts/objects/problem.ts";
import type { Problem } from "../alerts/objects/problem.ts";
import { CliError } from "./cli-error.ts";
import { addServer, parseTime, withClient } from "./command.ts";
import { print } from "./output.ts";
import { applyFiles, backtestView, changeText, objectsView } from "./slo-control.ts";
import { asOneText, checkFiles, readFiles } from "./slo-files.ts";
import type { FileReading, TextFile } from "./slo-files.ts";
import { addSloList } from "./slo-list-command.ts";
import { counted } from "./units.ts";

interface SloOptions {
  readonly server: string;
  readonly json: boolean;
}

const FILES = "files or folders; - for what comes over standard input";
const JSON_OPTION = ["--json", "write JSON for programs instead of lines", false] as const;
const DAY_S = 86_400;
const SINCE = { units: ["m", "h", "d"], most: 31 * DAY_S, words: "12h or 7d, and is at most 31d" };

/** Adds `sidelight slo`. */
export function addSlo(program: Command): void {
  const slo = program
    .command("slo")
    .description("Objectives and their budgets; objectives, alerts and mutes as files.")
    .addHelpText("after", examples);
  addSloList(slo);
  slo
    .command("check")
    .description("Check files of objects, without a control: each thing wrong with its line and what to write instead.")
    .argument("<file...>", FILES)
    .option(...JSON_OPTION)
    .action(async (paths: string[], { json }: SloOptions) => {
      const reading = checkFiles(await readFiles(paths));
      process.stdout.write(json ? `${JSON.stringify(asJson(reading))}\n` : asText(reading));
      if (reading.problems.length > 0) throw new CliError("refused", "");
    });
  addServer(slo.command("objects"))
    .description("List the objects that are stated, those of files, of the API, and the defaults.")
    .option("--kind <kind>", "only of this kind: SLO, Alert, Mute or Receiver", "")
    .option(...JSON_OPTION)
    .action(async ({ server, json, kind }: SloOptions & { kind: string }) =>
      withClient(server, async ({ alerts }) => print(objectsView(), await alerts.objects({ kind }), { json })),
    );
  addServer(slo.command("diff"))
    .description("Show what applying files would change, and change nothing.")
    .argument("<file...>", FILES)
    .action(async (paths: string[], { server }: SloOptions) => {
      const files = await goodFiles(paths);
      await withClient(server, async ({ alerts }) => {
        const changes = await applyFiles(alerts, files, true);
        const lines = changes.length === 0 ? ["Nothing would change."] : changes.map(changeText);
        process.stdout.write(`${lines.join("\n\n")}\n`);
      });
    });
  addServer(slo.command("apply"))
    .description("Add the objects of files to control, or replace those of the same names: all, or none.")
    .argument("<file...>", FILES)
    .action(async (paths: string[], { server }: SloOptions) => {
      const files = await goodFiles(paths);
      await withClient(server, async ({ alerts }) => {
        const changes = await applyFiles(alerts, files, false);
        const lines = changes.map(({ kind, name, before }) => `${kind} ${name} ${before === "" ? "added" : "changed"}`);
        process.stdout.write(`${lines.length === 0 ? "Nothing has changed." : lines.join("\n")}\n`);
      });
    });
  addServer(slo.command("delete"))
    .description("Take away an object that was applied, or made in the UI. A default of its name then holds again.")
    .argument("<kind>", "SLO, Alert, Mute or Receiver")
    .argument("<name>", "its name")
    .action(async (kind: string, name: string, { server }: SloOptions) => {
      await withClient(server, ({ alerts }) => alerts.delete({ kind, name }));
      process.stdout.write(`${kind} ${name} deleted\n`);
    });
  addBacktest(slo);
}

function addBacktest(slo: Command): void {
  addServer(slo.command("backtest"))
    .description("Try SLOs and alerts on the past: each time that they would have fired.")
    .argument("[file...]", `${FILES}; what holds now where left out`)
    .option("--rule <name>", "only this SLO or alert", "")
    .option("--since <time>", "how far back, such as 12h or 7d", parseTime(SINCE), 7 * DAY_S)
    .option(...JSON_OPTION)
    .action(async (paths: string[], options: SloOptions & { rule: string; since: number }) => {
      const { text, placeOf } = asOneText(await goodFiles(paths));
      const to = new Date();
      const from = new Date(to.getTime() - options.since * 1_000);
      await withClient(options.server, async ({ alerts }) => {
        const result = await alerts.backtest({ yaml: text, name: options.rule, from, to });
        const lines = result.problems.map(({ line, column, message }) => `${placeOf(line)}:${column}: ${message}`);
        if (lines.length > 0) throw new CliError("refused", `nothing was tried\n${lines.join("\n")}`);
        print(backtestView(), result, options);
      });
    });
}

/** @throws CliError after what is wrong in them was written */
async function goodFiles(paths: readonly string[]): Promise<readonly TextFile[]> {
  const files = await readFiles(paths);
  const reading = checkFiles(files);
  if (reading.problems.length === 0) return files;
  process.stderr.write(asText(reading));
  throw new CliError("refused", "");
}

function asText({ files, objects, problems, problemsCut }: FileReading): string {
  const lines = problems.map(problemText);
  const where = files === 1 ? "" : ` in ${files} files`;
  const fine = `${counted(objects.length, "object is", "objects are")} fine${where}`;
  const total = problems.length + problemsCut;
  const summary = total === 0 ? fine : `${counted(total, "problem", "problems")}; ${fine}`;
  return [...lines, ...(lines.length > 0 ? [""] : []), summary, ""].join("\n");
}

function asJson({ objects, problems, problemsCut }: FileReading): unknown {
  return {
    objects: objects.map(({ kind, name, place: { file, line } }) => ({ kind, name, file, line })),
    problems: problems.map(({ file, line, column, kind, name, field, message }: Problem): Omit<Problem, "frame"> => ({
      ...{ file, line, column, kind, name, field, message },
    })),
    problemsCut,
  };
}

const examples = `
Examples:
  $ sidelight slo list                       what is left of the budgets, the least first
  $ sidelight slo check slos/*.yaml          in a pipeline, before it is merged
  $ kustomize build . | sidelight slo check -
  $ sidelight slo check alerts/ --json | jq '.problems[].message'
  $ sidelight slo backtest slos/user.yaml --since 7d
  $ sidelight slo diff slos/ && sidelight slo apply slos/
  $ sidelight slo objects --kind SLO

docs/slo-and-alerts.md tells how objects are written.`;
