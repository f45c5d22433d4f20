import type { Alert, Incident } from "../../client/index.ts";
import { alertJson, countsText, severityWord, stateCell, stateWord } from "./alert-words.ts";
import type { Cell, Column } from "./table.ts";
import { formatDuration } from "./units.ts";
import { clockTime, tablePage, timeText, type View } from "./view.ts";

/** What ListAlerts and WatchAlerts have in common. */
export interface AlertsData {
  readonly at?: Date | undefined;
  readonly waits: string;
  readonly alerts: readonly Alert[];
  readonly isCut: boolean;
}

export interface IncidentsData {
  readonly at?: Date | undefined;
  readonly incidents: readonly Incident[];
  readonly isCut: boolean;
}

const MORE = "there may be more (--limit)";

/** Alerts, a line each, in the order in which control tells them. */
export function alertsView(): View<AlertsData> {
  return {
    lines({ at, waits, alerts, isCut }, page) {
      const waiting = waits === "" ? "" : `nothing is judged now: ${waits}`;
      const parts = [countsText(alerts), judgedText(at), waiting, isCut ? MORE : ""];
      const headline = parts.filter((part) => part !== "").join("  ");
      return tablePage({ headline, columns: alertColumns(at), rows: alerts, empty: "No alerts." }, page);
    },
    json: ({ at, waits, alerts, isCut }) => {
      return { at: at?.toISOString() ?? null, waits, alerts: alerts.map(alertJson), isCut };
    },
  };
}

/** Incidents, a line each: where they come from, and whom they hurt. */
export function incidentsView(): View<IncidentsData> {
  return {
    lines({ at, incidents, isCut }, page) {
      const headline = [countsText(incidents), judgedText(at), isCut ? MORE : ""]
        .filter((part) => part !== "")
        .join("  ");
      return tablePage({ headline, columns: incidentColumns(at), rows: incidents, empty: "No incidents." }, page);
    },
    json: ({ at, incidents, isCut }) => {
      return { at: at?.toISOString() ?? null, incidents: incidents.map(incidentJson), isCut };
    },
  };
}

function judgedText(at: Date | undefined): string {
  return at ? `judged up to ${clockTime(at)}` : "";
}

function alertColumns(at: Date | undefined): Column<Alert>[] {
  return [
    left("STATE", 0, stateCell),
    left("SINCE", 0, ({ since }) => ({ text: since ? timeText(since, at ?? new Date()) : "" })),
    { ...left<Alert>("RULE", 2, ({ rule }) => ({ text: rule })), shrinks: true },
    { ...left<Alert>("WHAT", 0, ({ summary }) => ({ text: summary })), shrinks: true },
    left("OWNER", 3, ({ owner }) => ({ text: owner })),
  ];
}

function incidentColumns(at: Date | undefined): Column<Incident>[] {
  const now = at ?? new Date();
  return [
    left("STATE", 0, stateCell),
    left("SINCE", 0, ({ since }) => ({ text: since ? timeText(since, now) : "" })),
    { title: "LASTED", align: "right", optional: 2, cell: (row) => ({ text: lastedText(row, now) }) },
    { ...left<Incident>("ORIGIN", 0, (row) => ({ text: originText(row) })), shrinks: true },
    { title: "ALERTS", align: "right", optional: 3, cell: ({ alerts }) => ({ text: String(alerts.length) }) },
    { ...left<Incident>("WHAT", 0, ({ alerts }) => ({ text: alerts[0]?.summary ?? "" })), shrinks: true },
    { ...left<Incident>("HURTS", 1, ({ affected }) => ({ text: affected.join(", ") })), shrinks: true },
  ];
}

function left<Row>(title: string, optional: number, cell: (row: Row) => Cell): Column<Row> {
  return { title, align: "left", optional, cell };
}

/** "shop/user GET /cards"; "–" where it is not known. */
function originText({ server, method, route }: Incident): string {
  return [server, method, route].filter((part) => part !== "").join(" ") || "–";
}

function lastedText({ since, resolved }: Incident, now: Date): string {
  if (!since) return "";
  return formatDuration(Math.max(0, (resolved ?? now).getTime() - since.getTime()) / 1_000);
}

function incidentJson(incident: Incident): Record<string, unknown> {
  const { alerts, since, resolved, state, severity, isTold, ...same } = incident;
  return {
    ...same,
    state: stateWord(state),
    severity: severityWord(severity),
    since: since?.toISOString() ?? null,
    resolved: resolved?.toISOString() ?? null,
    isTold: isTold ?? null,
    alerts: alerts.map(alertJson),
  };
}
