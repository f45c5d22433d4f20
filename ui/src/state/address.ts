/**
 * Where the reader is: room, selection, search, range, folding. All of it lives in the URL, so that a link shows a
 * colleague the same picture. Pure: text in, data out, and back.
 */
export type Room =
  | "map"
  | "services"
  | "service"
  | "edge"
  | "alerts"
  | "objectives"
  | "objective"
  | "rules"
  | "rule"
  | "newRule"
  | "mutes"
  | "workloads"
  | "receivers"
  | "receiver"
  | "newReceiver"
  | "route"
  | "unknown";

/** What is selected; ids are those of the snapshot, and `group` names a folded namespace. */
export type Selection =
  | { readonly kind: "node"; readonly id: string }
  | { readonly kind: "edge"; readonly id: string }
  | { readonly kind: "group"; readonly id: string };

/** How namespaces are drawn: folded when the map would be too large, always, or never. */
export type Folding = "auto" | "all" | "none";

export type Range = "15m" | "1h" | "6h" | "24h" | "7d" | "30d";

/** How far the time line reaches back. */
export type Span = "1h" | "24h" | "7d" | "30d";

export interface Address {
  readonly room: Room;
  readonly query: string;
  readonly selection: Selection | null;
  readonly range: Range;
  /** The past instant that is looked at, milliseconds since the epoch; null for now. */
  readonly atMs: number | null;
  /** How far the time line reaches back; null while it is closed and now is looked at. */
  readonly span: Span | null;
  readonly folding: Folding;
  /** Namespaces that are open although the others are folded. */
  readonly open: ReadonlySet<string>;
  /** Column that a table is sorted by, "-" before it for descending; empty for worst first. */
  readonly sort: string;
  /** The endpoint that the charts are narrowed to, "GET /cards"; empty for all. */
  readonly endpoint: string;
  /** The node or edge that the page is about, in the rooms "service" and "edge". */
  readonly subject: Selection | null;
  /** What the lists of alerts are narrowed to, beside the query. */
  readonly narrowed: Narrowed;
  /** What the page is about in rooms that are about something by name; empty in others. */
  readonly name: string;
}

/** Empty where a list is not narrowed to one; whoever reads it decides what it takes for one. */
export type Narrowed = Readonly<Record<(typeof NARROWED)[number], string>>;

/** Parts of the address that stand in its query as they are; null takes one out. */
export type AddressChange = Partial<
  Record<"q" | "range" | "at" | "span" | "fold" | "sort" | "endpoint" | keyof Narrowed, string | null>
>;

const SELECTION_KINDS = ["node", "edge", "group"] as const;
const NARROWED = [
  ...(["state", "severity", "rule", "workload", "group"] as const),
  // Of rules: what is listed, and what a new one begins as.
  ...(["kind", "origin", "template", "copy"] as const),
] as const;
/** Rooms that have a path and nothing below it. */
const PLAIN_ROOMS: Readonly<Record<string, Room>> = {
  "/": "map",
  "/services": "services",
  "/alerts": "alerts",
  "/slos": "objectives",
  "/rules": "rules",
  "/new-rule": "newRule",
  "/mutes": "mutes",
  "/workloads": "workloads",
  "/receivers": "receivers",
};
/** Rooms that are about something by name, and what stands before it in their path; the first that fits. */
const NAMED_ROOMS: readonly (readonly [prefix: string, room: Room])[] = [
  ["/slos/", "objective"],
  ["/rules/", "rule"],
  ["/receivers/new/", "newReceiver"],
  ["/receivers/route/", "route"],
  ["/receivers/", "receiver"],
];
/** What a link to another room takes along. */
const TAKEN_ALONG = ["q", "range", "at", "span", "fold"] as const;
const RANGES: readonly string[] = ["1h", "6h", "24h", "7d", "30d"] satisfies Range[];
const SPANS: readonly string[] = ["1h", "24h", "7d", "30d"] satisfies Span[];

export function readAddress(href: string): Address {
  const { pathname, searchParams } = new URL(href);
  const fold = searchParams.get("fold");
  const range = searchParams.get("range") ?? "";
  const span = searchParams.get("span") ?? "";
  return {
    room: roomOf(pathname),
    query: searchParams.get("q") ?? "",
    selection: selectionOf(searchParams),
    range: RANGES.includes(range) ? (range as Range) : "15m",
    atMs: instantOf(searchParams.get("at")),
    span: SPANS.includes(span) ? (span as Span) : null,
    folding: fold === "all" || fold === "none" ? fold : "auto",
    open: new Set(searchParams.getAll("open")),
    sort: searchParams.get("sort") ?? "",
    endpoint: searchParams.get("endpoint") ?? "",
    subject: subjectOf(pathname),
    narrowed: narrowedOf(searchParams),
    name: nameOf(pathname),
  };
}

/** The address with parts of its query changed. */
export function withChange(href: string, change: AddressChange): string {
  const url = new URL(href);
  for (const [name, value] of Object.entries(change)) {
    if (value) url.searchParams.set(name, value);
    else url.searchParams.delete(name);
  }
  return url.href;
}

/** The address with something else selected, on the map; with nothing selected, in the room that it was. */
export function withSelection(href: string, selection: Selection | null, endpoint: string): string {
  const url = new URL(href);
  for (const name of [...SELECTION_KINDS, "endpoint"]) url.searchParams.delete(name);
  if (selection) {
    url.pathname = "/";
    url.searchParams.set(selection.kind, selection.id);
    if (endpoint) url.searchParams.set("endpoint", endpoint);
  }
  return url.href;
}

export function withOpen(href: string, namespaces: Iterable<string>): string {
  const url = new URL(href);
  url.searchParams.delete("open");
  for (const namespace of namespaces) url.searchParams.append("open", namespace);
  return url.href;
}

/** A link of this application as a whole address. */
export function absolute(href: string, link: string): string {
  return new URL(link, href).href;
}

/** A link to a room, with search, range and time taken along. */
export function linkTo(href: string, path: string, selection?: Selection): string {
  const now = new URL(href).searchParams;
  const query = new URLSearchParams();
  for (const name of TAKEN_ALONG) {
    const value = now.get(name);
    if (value) query.set(name, value);
  }
  if (selection) query.set(selection.kind, selection.id);
  return query.size > 0 ? `${path}?${query}` : path;
}

/** The path of the page of a node or an edge. */
export function pageOf(selection: Selection): string {
  if (selection.kind === "edge") return `/edge/${encodeURIComponent(selection.id)}`;
  return `/service/${selection.id.split("/").map(encodeURIComponent).join("/")}`;
}

/** An instant as it stands in the address: "2026-03-01T03:14:00Z". */
export function instantText(atMs: number): string {
  return new Date(atMs).toISOString().replace(/\.\d+Z$/, "Z");
}

/** What is no time is no past: the reader sees now. */
function instantOf(text: string | null): number | null {
  const atMs = /^\d{4}-\d\d-\d\dT/.test(text ?? "") ? Date.parse(text ?? "") : NaN;
  return Number.isFinite(atMs) && atMs > 0 ? atMs : null;
}

/** The path of the room of workloads with one of them open, "namespace/name", or a namespace. */
export function workloadsWith(id: string): string {
  return `/workloads?${new URLSearchParams({ workload: id })}`;
}

/** The path of the page of a rule. */
export function rulePage(name: string): string {
  return `/rules/${encodeURIComponent(name)}`;
}

function roomOf(path: string): Room {
  const plain = PLAIN_ROOMS[path];
  if (plain) return plain;
  const named = namedRoomOf(path);
  if (named) return named[1];
  if (/^\/service\/[^/]+\/.+/.test(path)) return "service";
  return /^\/edge\/.+/.test(path) ? "edge" : "unknown";
}

function nameOf(path: string): string {
  return decode(path.slice(namedRoomOf(path)?.[0].length ?? path.length));
}

function namedRoomOf(path: string): (typeof NAMED_ROOMS)[number] | undefined {
  return NAMED_ROOMS.find(([prefix]) => path.startsWith(prefix) && path.length > prefix.length);
}

function narrowedOf(query: URLSearchParams): Narrowed {
  return Object.fromEntries(NARROWED.map((name) => [name, query.get(name) ?? ""])) as Narrowed;
}

function subjectOf(path: string): Selection | null {
  const room = roomOf(path);
  if (room === "service") return { kind: "node", id: decode(path.slice("/service/".length)) };
  return room === "edge" ? { kind: "edge", id: decode(path.slice("/edge/".length)) } : null;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // A mangled link; the page then says that nothing of this name is known.
    return text;
  }
}

function selectionOf(query: URLSearchParams): Selection | null {
  for (const kind of SELECTION_KINDS) {
    const id = query.get(kind);
    if (id) return { kind, id };
  }
  return null;
}
