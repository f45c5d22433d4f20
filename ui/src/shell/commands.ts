/** What the palette offers for what was typed: services, endpoints, rooms, actions. Pure but for the actions' bodies. */
import { countOf } from "../model/format.ts";
import { spanFor } from "../model/past.ts";
import { rankMatch } from "../model/search.ts";
import { edgesInto, endpointName, type World } from "../model/world.ts";
import type { IconName } from "../parts/icons.ts";
import { KIND_WORD } from "../parts/kinds.ts";
import { instantText } from "../state/address.ts";
import type { App } from "../state/app.svelte.ts";

export interface Command {
  readonly id: string;
  readonly group: "Go to" | "Services" | "Endpoints" | "Actions";
  readonly icon: IconName;
  readonly name: string;
  /** A second word beside the name: namespace, server, key. */
  readonly about: string;
  run(): void;
}

const MOST = { total: 40, endpoints: 15 } as const;

/** The best answers, in groups: without words the actions first, with words whatever matches best first. */
export function findCommands(app: App, typed: string): Command[] {
  const { world } = app;
  const fixed = [...rooms(app), ...actions(app)];
  const services = world ? rankAll(serviceCommands(app, world), typed) : [];
  // Every endpoint of every service is a long list; it is searched only when there is something to search for.
  const endpoints =
    world && typed.length > 1 ? rankAll(endpointCommands(app, world), typed).slice(0, MOST.endpoints) : [];
  const others = rankAll(fixed, typed);
  const ordered = typed === "" ? [...others, ...services] : [...services, ...endpoints, ...others];
  return ordered.slice(0, MOST.total);
}

function rankAll(commands: readonly Command[], typed: string): Command[] {
  return commands
    .map((command) => ({ command, rank: rankMatch(`${command.name} ${command.about}`, typed) }))
    .filter(({ rank }) => rank > 0)
    .sort((a, b) => (typed === "" ? 0 : b.rank - a.rank))
    .map(({ command }) => command);
}

function rooms(app: App): Command[] {
  const go = (name: string, icon: IconName, path: string): Command => ({
    id: `room ${path}`,
    group: "Go to",
    icon,
    name,
    about: "Room",
    run: () => app.location.visit(app.location.hrefOf(path)),
  });
  return [
    go("Map", "map", "/"),
    go("Services", "services", "/services"),
    go("Alerts", "bell", "/alerts"),
    go("SLOs", "budget", "/slos"),
    go("Rules", "rules", "/rules"),
    go("Mutes", "muted", "/mutes"),
    go("Receivers", "receiver", "/receivers"),
    ...(app.cluster ? [go("Workloads", "workload", "/workloads")] : []),
  ];
}

function actions(app: App): Command[] {
  const action = (name: string, icon: IconName, about: string, run: () => void): Command => ({
    id: `action ${name}`,
    group: "Actions",
    icon,
    name,
    about,
    run,
  });
  const { live, location, theme } = app;
  return [
    ...(app.faults.length > 0
      ? [action("Show what fails", "right", countOf(app.faults.length, "endpoint"), () => app.showTrouble())]
      : []),
    action(live.paused ? "Go on" : "Hold the picture", live.paused ? "play" : "pause", "Live view", () =>
      live.togglePause(),
    ),
    ...lookBack(app).map(({ name, about, run }) => action(name, "history", about, run)),
    action("New rule", "plus", "SLO or alert", () => location.visit(location.hrefOf("/new-rule"))),
    action("Add a receiver", "plus", "Receivers", () => location.visit(location.hrefOf("/receivers/new/slack"))),
    action("Fold every namespace", "namespace", "Map", () => location.set({ fold: "all" })),
    action("Show every service", "workload", "Map", () => location.set({ fold: "none" })),
    action(
      theme.name === "dark" ? "Use the light theme" : "Use the dark theme",
      theme.name === "dark" ? "sun" : "moon",
      "Theme",
      () => theme.toggle(),
    ),
    ...(location.query ? [action("Clear the search", "close", location.query, () => location.set({ q: null }))] : []),
  ];
}

/** Moments that one looks back to without thinking of a time. */
function lookBack({ location }: App): { name: string; about: string; run: () => void }[] {
  const back = (name: string, ms: number): ReturnType<typeof lookBack>[number] => ({
    name,
    about: "Time",
    run: () => location.set({ at: instantText(Date.now() - ms), span: spanFor(Date.now() - ms, Date.now()) }),
  });
  const now = { name: "Back to now", about: "Time", run: (): void => location.set({ at: null }) };
  const past = [
    back("Look at 5 minutes ago", 300_000),
    back("Look at an hour ago", 3_600_000),
    back("Look at yesterday, this time", 86_400_000),
  ];
  return [...(location.atMs === null ? [] : [now]), ...past];
}

function serviceCommands(app: App, world: World): Command[] {
  return [...world.nodes.values()].map((node) => ({
    id: `node ${node.id}`,
    group: "Services",
    icon: node.kind,
    name: node.name,
    about: node.namespace || KIND_WORD[node.kind],
    run: () => app.select({ kind: "node", id: node.id }),
  }));
}

function endpointCommands(app: App, world: World): Command[] {
  const found = new Map<string, Command>();
  for (const node of world.nodes.values()) {
    for (const edge of edgesInto(world, node.id)) {
      for (const endpoint of edge.endpoints) {
        const name = endpointName(endpoint);
        const id = `endpoint ${node.id} ${name}`;
        const run = (): void => app.select({ kind: "node", id: node.id }, name);
        found.set(id, { id, group: "Endpoints", icon: "arrow", name, about: node.name, run });
      }
    }
  }
  return [...found.values()];
}
