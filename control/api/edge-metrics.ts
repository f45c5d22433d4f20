/**
 * Service-level series of the traffic itself, an edge at a time, in Prometheus' text format. They are written here and not
 * kept in a registry: a label set each of some ten thousand series would cost more than all of control's other figures.
 */
import { setImmediate as nextTurn } from "node:timers/promises";
import { partsOfId } from "../identity/node.ts";
import { DURATION_BOUNDS } from "../world/duration-bounds.ts";
import type { Health, Snapshot } from "../world/model.ts";
import { OUTCOME_LABELS } from "../world/outcomes.ts";
import type { CountedEdge } from "../world/world.ts";

/** Edges that are written before others get their turn: some milliseconds. */
const EDGES_A_TURN = 100;

/** `le="0.01"} `, in the order of DURATION_BOUNDS and then all. */
const BOUNDS = [...DURATION_BOUNDS.map(String), "+Inf"].map((bound) => `le="${bound}"} `);
const TOLD_HEALTHS: readonly Health[] = ["degraded", "failing", "affected"];

/** How many of them an opaque TCP connection can have: it is connected, or not reached. */
const TCP_OUTCOMES = ["success", "not_reached"];

interface Family {
  readonly name: string;
  readonly type: "counter" | "gauge" | "histogram";
  readonly help: string;
}

const REQUESTS: Family = {
  name: "sidelight_edge_requests_total",
  type: "counter",
  help: "Requests between two workloads since control started, by outcome; each once, whoever reported it.",
};
const DURATIONS: Family = {
  name: "sidelight_edge_request_duration_seconds",
  type: "histogram",
  help: "How long requests took, from their first byte to the last of their answer.",
};
const CONNECTIONS: Family = {
  name: "sidelight_edge_connections_total",
  type: "counter",
  help: "Opaque TCP connections opened since control started, or not reached, by outcome.",
};
const OPEN: Family = {
  name: "sidelight_edge_open_connections",
  type: "gauge",
  help: "Opaque TCP connections that are open.",
};
const SENT: Family = {
  name: "sidelight_edge_request_bytes_total",
  type: "counter",
  help: "Bytes of opaque TCP connections that went to the server.",
};
const RECEIVED: Family = {
  name: "sidelight_edge_response_bytes_total",
  type: "counter",
  help: "Bytes of opaque TCP connections that came from the server.",
};
const HEALTH: Family = {
  name: "sidelight_edge_health",
  type: "gauge",
  help: "1 for what an edge is now, of degraded, failing and affected (by what fails behind it); all 0 while it is well.",
};
const CUT: Family = {
  name: "sidelight_edge_metrics_cut",
  type: "gauge",
  help: "Edges that have no series here, since there are more than SIDELIGHT_METRICS_EDGES.",
};

/** What the text is made of. */
export interface EdgeMetricsSources {
  readonly edges: Iterable<CountedEdge>;
  /** Whose health is told. */
  readonly snapshot: Snapshot;
  /** Edges that get series at most. */
  readonly maxEdges: number;
}

/** The whole text in pieces, a family after the other. Other work gets its turn while it is written. */
export async function edgeMetrics({
  edges,
  snapshot,
  maxEdges,
}: EdgeMetricsSources): Promise<readonly Uint8Array<ArrayBuffer>[]> {
  const healths = new Map(snapshot.edges.map(({ id, health }) => [id, health]));
  const page = new Page();
  let told = 0;
  let cut = 0;
  for (const edge of edges) {
    if (told >= maxEdges) {
      cut++;
      continue;
    }
    page.edge(edge, healths.get(edge.id) ?? "idle");
    if (++told % EDGES_A_TURN > 0) continue;
    page.close();
    await nextTurn();
  }
  page.add(CUT, `${CUT.name} ${cut}\n`);
  return page.pieces();
}

/** What was written of a family: the pieces that are closed, and the lines since. */
interface Written {
  readonly pieces: Uint8Array<ArrayBuffer>[];
  lines: string;
}

/** The lines so far, by family: the format wants those of one together. */
class Page {
  readonly #families = new Map<Family, Written>(
    [REQUESTS, DURATIONS, CONNECTIONS, OPEN, SENT, RECEIVED, HEALTH, CUT].map((family) => {
      return [family, { pieces: [], lines: "" }];
    }),
  );

  add(family: Family, lines: string): void {
    this.#families.get(family)!.lines += lines;
  }

  /** Makes bytes of the lines; at the end all of them at once would take long. */
  close(): void {
    for (const written of this.#families.values()) {
      if (written.lines === "") continue;
      written.pieces.push(Buffer.from(written.lines));
      written.lines = "";
    }
  }

  pieces(): Uint8Array<ArrayBuffer>[] {
    this.close();
    return [...this.#families].flatMap(([{ name, type, help }, { pieces }]) =>
      pieces.length === 0 ? [] : [Buffer.from(`# HELP ${name} ${help}\n# TYPE ${name} ${type}\n`), ...pieces],
    );
  }

  edge(edge: CountedEdge, health: Health): void {
    const labels = labelsOf(edge);
    if (edge.protocol === "tcp") this.#tcp(edge, labels);
    else this.#requests(edge, labels);
    let lines = "";
    for (const told of TOLD_HEALTHS) {
      lines += `${HEALTH.name}{${labels},health="${told}"} ${told === health ? 1 : 0}\n`;
    }
    this.add(HEALTH, lines);
  }

  #requests({ traffic }: CountedEdge, labels: string): void {
    this.#outcomes(REQUESTS, labels, traffic.outcomes, OUTCOME_LABELS);
    const { durations, durationSeconds } = traffic;
    const { name } = DURATIONS;
    const bucket = `${name}_bucket{${labels},`;
    let lines = "";
    for (let at = 0; at < BOUNDS.length; at++) lines += `${bucket}${BOUNDS[at]!}${durations[at]!}\n`;
    lines += `${name}_sum{${labels}} ${durationSeconds}\n`;
    this.add(DURATIONS, `${lines}${name}_count{${labels}} ${durations[BOUNDS.length - 1]!}\n`);
  }

  #tcp({ traffic, open }: CountedEdge, labels: string): void {
    this.#outcomes(CONNECTIONS, labels, traffic.outcomes, TCP_OUTCOMES);
    this.add(OPEN, `${OPEN.name}{${labels}} ${open}\n`);
    this.add(SENT, `${SENT.name}{${labels}} ${traffic.requestBytes}\n`);
    this.add(RECEIVED, `${RECEIVED.name}{${labels}} ${traffic.responseBytes}\n`);
  }

  /** Those that are 0 too: Prometheus sees the first increase of a series only where it has seen the series before. */
  #outcomes(family: Family, labels: string, counts: ArrayLike<number>, told: readonly string[]): void {
    const series = `${family.name}{${labels},outcome="`;
    let lines = "";
    OUTCOME_LABELS.forEach((outcome, at) => {
      if (told.includes(outcome)) lines += `${series}${outcome}"} ${counts[at]!}\n`;
    });
    this.add(family, lines);
  }
}

function labelsOf({ client, server, protocol }: CountedEdge): string {
  return `${endOf("client", client)},${endOf("server", server)},protocol="${protocol}"`;
}

function endOf(end: string, id: string): string {
  const { namespace, name } = partsOfId(id);
  return `${end}_namespace="${escape(namespace)}",${end}_workload="${escape(name)}"`;
}

function escape(value: string): string {
  if (!/[\\"\n]/.test(value)) return value;
  return value.replace(/[\\"\n]/g, (one) => (one === "\n" ? "\\n" : `\\${one}`));
}
