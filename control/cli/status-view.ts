import type { ListOptedInResponse, OptedInWorkload } from "../../client/index.ts";
import { commonNamespace, shortName } from "./names.ts";
import type { Colour } from "./style.ts";
import type { Column } from "./table.ts";
import { unknown } from "./units.ts";
import { spanText, tablePage, type View } from "./view.ts";

/** As people read it. */
const STATES: Readonly<Record<string, readonly [text: string, colour: Colour]>> = {
  reporting: ["· reporting", "none"],
  waiting: ["~ waiting", "yellow"],
  silent: ["✗ silent", "red"],
  noSidecar: ["! no sidecar", "yellow"],
  noPods: ["- no pods", "dim"],
  notWritten: ["✗ not written", "red"],
  excluded: ["- excluded", "dim"],
  off: ["- off", "dim"],
  byHand: ["· by hand", "none"],
};

/** Whom an annotation turned the filter on for, a line each, and below what is wrong. */
export function statusView(now: () => Date = () => new Date()): View<ListOptedInResponse> {
  return {
    lines({ workloads, problems, isLeader }, page) {
      const shared = commonNamespace(workloads.map(({ workload }) => workload));
      const reporting = workloads.filter(({ state }) => state === "reporting").length;
      const on = workloads.filter(({ by }) => by !== "").length;
      const parts = [
        ...[`${on} turned on`, `${reporting} reporting`],
        ...[isLeader ? "" : "another control writes", shared ? `namespace ${shared}` : ""],
      ];
      const table = tablePage(
        {
          headline: parts.filter((part) => part !== "").join("  "),
          columns: columnsFor(shared, now()),
          rows: workloads,
          empty: 'Nothing is turned on: annotate a namespace, or a pod template, with sidelight.dev/observe: "true".',
        },
        page,
      );
      const wrong = [
        ...problems,
        ...workloads.flatMap(({ workload, problems: own }) =>
          own.filter((problem) => !problems.includes(problem)).map((problem) => `${workload}: ${problem}`),
        ),
      ];
      return wrong.length === 0 ? table : [...table, "", ...wrong.map((text) => page.paint(text, "yellow"))];
    },
    json: ({ namespaces, workloads, problems, isLeader }) => ({
      ...{ isLeader, problems },
      namespaces: namespaces.map(({ observe, ...namespace }) => ({ ...namespace, observe: observe ?? null })),
      workloads: workloads.map(({ pluginSince, reportingSince, lastReport, stated, ...workload }) => ({
        ...workload,
        stated: stated ?? null,
        pluginSince: pluginSince?.toISOString() ?? null,
        reportingSince: reportingSince?.toISOString() ?? null,
        lastReport: lastReport?.toISOString() ?? null,
      })),
    }),
  };
}

function columnsFor(namespace: string | undefined, now: Date): Column<OptedInWorkload>[] {
  const text = (title: string, optional: number, of: (row: OptedInWorkload) => string): Column<OptedInWorkload> => {
    return { title, align: "left", optional, shrinks: true, cell: (row) => ({ text: of(row) }) };
  };
  const ago = (title: string, optional: number, of: (row: OptedInWorkload) => Date | undefined) => {
    const since = (date: Date | undefined): string => (date ? age(now.getTime() - date.getTime()) : unknown);
    return { title, align: "right" as const, optional, cell: (row: OptedInWorkload) => ({ text: since(of(row)) }) };
  };
  return [
    text("WORKLOAD", 0, ({ workload }) => shortName(workload, namespace)),
    { title: "STATE", align: "left", optional: 0, cell: (row) => stateCell(stateOf(row)) },
    text("BY", 3, ({ by }) => by || unknown),
    text("PLUGIN", 4, ({ plugin }) => plugin || unknown),
    ago("WRITTEN", 2, ({ pluginSince }) => pluginSince),
    { title: "SIDECARS", align: "right", optional: 1, cell: (row) => ({ text: sidecars(row) }) },
    ago("REPORTS FOR", 1, ({ reportingSince }) => reportingSince),
    ago("LAST", 2, ({ lastReport }) => lastReport),
  ];
}

/** One that nothing turns on may report all the same: its mesh was told by hand. */
function stateOf({ state, reportingSince }: OptedInWorkload): string {
  return state === "off" && reportingSince ? "byHand" : state;
}

/** Of what is turned on those that are, of anything else all. */
function sidecars({ by, sidecars: included, meshed, pods }: OptedInWorkload): string {
  return `${by === "" ? meshed : included}/${pods}`;
}

/** In whole seconds, minutes or hours, whichever says enough. */
function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1_000));
  const size = [3_600, 60, 1].find((unit) => seconds >= 2 * unit) ?? 1;
  return spanText(seconds - (seconds % size));
}

function stateCell(state: string): { readonly text: string; readonly colour: Colour } {
  const [text, colour] = STATES[state] ?? [state, "none"];
  return { text, colour };
}
