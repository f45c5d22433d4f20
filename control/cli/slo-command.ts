import type { Command } from "commander";
import { problemText } from "../alerts/objects/problem.ts";
import type { Problem } from "../alerts/objects/problem.ts";
import { CliError } from "./cli-error.ts";
import { checkFiles, readFiles } from "./slo-files.ts";
import type { FileReading } from "./slo-files.ts";

/** Adds `sidelight slo`. */
export function addSlo(program: Command): void {
  const slo = program
    .command("slo")
    .description("Objectives, alerts and mutes as files.")
    .addHelpText("after", examples);
  slo
    .command("check")
    .description("Check files of objects, without a control: each thing wrong with its line and what to write instead.")
    .argument("<file...>", "files or folders; - for what comes over standard input")
    .option("--json", "write JSON for programs instead of lines", false)
    .action(async (paths: string[], { json }: { json: boolean }) => {
      const reading = checkFiles(await readFiles(paths));
      process.stdout.write(json ? `${JSON.stringify(asJson(reading))}\n` : asText(reading));
      if (reading.problems.length > 0) throw new CliError("refused", "");
    });
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

function counted(count: number, one: string, many: string): string {
  return `${count.toLocaleString("en-US")} ${count === 1 ? one : many}`;
}

const examples = `
Examples:
  $ sidelight slo check slos/*.yaml          in a pipeline, before it is merged
  $ kustomize build . | sidelight slo check -
  $ sidelight slo check alerts/ --json | jq '.problems[].message'

docs/slo-and-alerts.md tells how objects are written.`;
