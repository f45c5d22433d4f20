/** What `sidelight slo` asks of control: what is stated, what files would change, and what rules would have done. */
import { ObjectOrigin, Severity } from "../../client/index.ts";
import type { AlertsClient, ApplyObjectsResponse, BacktestResult, StatedObject } from "../../client/index.ts";
import { CliError } from "./cli-error.ts";
import { asOneText } from "./slo-files.ts";
import type { TextFile } from "./slo-files.ts";
import type { Column } from "./table.ts";
import { counted } from "./units.ts";
import { tablePage, timeText } from "./view.ts";
import type { View } from "./view.ts";

const ORIGINS = new Map<ObjectOrigin, string>([
  [ObjectOrigin.OBJECT_ORIGIN_DEFAULT, "default"],
  [ObjectOrigin.OBJECT_ORIGIN_FILE, "file"],
  [ObjectOrigin.OBJECT_ORIGIN_API, "api"],
  [ObjectOrigin.OBJECT_ORIGIN_ANNOTATION, "annotation"],
]);

/** A value that a newer control may send and this client does not know is shown as unknown. */
function originText(origin: ObjectOrigin): string {
  return ORIGINS.get(origin) ?? "unknown";
}

/** Applies files, or says what that would change. @throws CliError where an object cannot be had */
export async function applyFiles(
  alerts: AlertsClient,
  files: readonly TextFile[],
  dryRun: boolean,
): Promise<ApplyObjectsResponse["changes"]> {
  const { text, placeOf } = asOneText(files);
  const { changes, problems } = await alerts.apply({ yaml: text, dryRun });
  if (problems.length === 0) return changes;
  const lines = problems.map(({ line, column, message }) => `${placeOf(line)}:${column}: ${message}`);
  throw new CliError("refused", `nothing was changed\n${lines.join("\n")}`);
}

/** What differs, in the form of diff(1): lines that go, and lines that come. */
export function changeText({ kind, name, before, after }: ApplyObjectsResponse["changes"][number]): string {
  const [old, now] = [before, after].map((text) => (text === "" ? [] : text.trimEnd().split("\n")));
  const same = (from: readonly string[], to: readonly string[]): number => {
    const at = from.findIndex((line, index) => line !== to[index]);
    return at < 0 ? from.length : at;
  };
  const head = same(old!, now!);
  const tail = Math.min(same([...old!].reverse(), [...now!].reverse()), old!.length - head, now!.length - head);
  const marked = (mark: string, lines: readonly string[]): string[] =>
    lines.slice(head, lines.length - tail).map((line) => `${mark} ${line}`);
  return [`${kind} ${name}`, ...marked("-", old!), ...marked("+", now!)].join("\n");
}

export function objectsView(): View<readonly StatedObject[]> {
  return {
    lines(objects, page) {
      const wrong = objects.filter(({ error }) => error !== "");
      const headline = `${counted(objects.length, "object", "objects")}${wrong.length > 0 ? `  ${wrong.length} with problems` : ""}`;
      const from = ({ origin, file }: StatedObject): string => (file === "" ? originText(origin) : file);
      const state = ({ error, isDisabled, waits }: StatedObject): string =>
        error === "" ? (isDisabled ? "off" : waits) : error.split("\n", 1).join("");
      const columns: Column<StatedObject>[] = [
        { title: "KIND", align: "left", optional: 0, cell: (row) => ({ text: row.kind }) },
        { title: "NAME", align: "left", optional: 0, cell: (row) => ({ text: row.name }) },
        { title: "FROM", align: "left", optional: 1, cell: (row) => ({ text: from(row) }) },
        {
          title: "STATE",
          align: "left",
          optional: 0,
          shrinks: true,
          cell: (row) => ({ text: state(row) }),
        },
      ];
      return tablePage({ headline, columns, rows: objects, empty: "No object is stated." }, page);
    },
    json: (objects) => ({
      objects: objects.map(({ origin, ...object }) => ({ ...object, origin: originText(origin) })),
    }),
  };
}

export function backtestView(): View<BacktestResult> {
  return {
    lines({ alerts, total, incidents, from, to, since, refused }, page) {
      const now = new Date();
      const range = from && to ? `${timeText(from, now)} to ${timeText(to, now)}` : "";
      const counts = `${counted(total, "alert", "alerts")} in ${counted(incidents, "incident", "incidents")}`;
      const notes = [
        ...(since === undefined ? ["nothing was counted in that time"] : []),
        ...(since && from && since > from ? [`nothing is known from before ${timeText(since, now)}`] : []),
        ...refused.map(({ rule, why }) => `${rule} is not judged: ${why}`),
      ];
      const headline = `${counts}  ${range}`;
      type Row = BacktestResult["alerts"][number];
      const isCritical = ({ severity }: Row): boolean => severity === Severity.SEVERITY_CRITICAL;
      const at = (date: Date | undefined): string => (date ? timeText(date, now) : "");
      const columns: Column<Row>[] = [
        { title: "FIRED", align: "left", optional: 0, cell: (row) => ({ text: at(row.fired) }) },
        { title: "OVER", align: "left", optional: 2, cell: (row) => ({ text: at(row.resolved) }) },
        {
          title: "SEVERITY",
          align: "left",
          optional: 1,
          cell: (row) => ({
            text: isCritical(row) ? "critical" : "warning",
            colour: isCritical(row) ? "red" : "yellow",
          }),
        },
        { title: "RULE", align: "left", optional: 0, cell: (row) => ({ text: row.rule }) },
        { title: "WHAT", align: "left", optional: 0, shrinks: true, cell: (row) => ({ text: row.summary }) },
      ];
      const table = { headline, columns, rows: alerts, empty: "No rule would have fired." };
      return [...notes.map((note) => page.paint(note, "yellow")), ...tablePage(table, page)];
    },
    json: (result) => result,
  };
}
