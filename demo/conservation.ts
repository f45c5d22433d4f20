/** Lays what was sent, by the counters of those who sent it, beside what Sidelight counted. */
import type { LoadCounters, ShopCounters, Totals } from "./control-client.ts";

export interface ComparedEdge {
  readonly client: string;
  readonly server: string;
  /** "tcp" counts connections, all others requests. */
  readonly protocol: string;
  readonly sent: number;
  readonly counted: number;
}

export interface Comparison {
  readonly edges: readonly ComparedEdge[];
  readonly sent: number;
  readonly counted: number;
  /** Sum over the edges of how far the two are apart, so that too many here cannot hide too few there. */
  readonly difference: number;
  /** Requests of which the sender cannot know whether they arrived, since the connection broke. */
  readonly unclear: number;
  readonly losses: Totals["losses"];
}

export interface Senders {
  readonly shop: ShopCounters;
  readonly load: LoadCounters;
  /** The namespace of the shop's workloads. */
  readonly namespace: string;
  /** The service that the load asks, and what control calls the load. */
  readonly entry: string;
  readonly shopper: string;
}

export function compare(senders: Senders, totals: Totals): Comparison {
  const edges = new Map<string, { -readonly [Key in keyof ComparedEdge]: ComparedEdge[Key] }>();
  const edge = (client: string, server: string, protocol: string) => {
    const key = JSON.stringify([client, server, protocol]);
    const found = edges.get(key) ?? { client, server, protocol, sent: 0, counted: 0 };
    edges.set(key, found);
    return found;
  };
  for (const sum of totals.edges) {
    edge(sum.client, sum.server, sum.protocol).counted += Object.values(sum.outcomes).reduce(
      (all, one) => all + one,
      0,
    );
  }
  const inShop = (name: string) => `${senders.namespace}/${name}`;
  const { shop, load } = senders;
  for (const { client, server, sent } of shop.http) edge(inShop(client), inShop(server), "http").sent += sent;
  for (const { client, server, opened } of shop.tcp) edge(inShop(client), inShop(server), "tcp").sent += opened;
  for (const query of shop.queries) edge(inShop(query.client), inShop(query.server), query.protocol).sent += query.sent;
  edge(senders.shopper, inShop(senders.entry), "http").sent += load.sent;

  const all = [...edges.values()].sort((a, b) => order(a).localeCompare(order(b)));
  const sum = (of: (edge: ComparedEdge) => number) => all.reduce((total, each) => total + of(each), 0);
  return {
    edges: all,
    sent: sum(({ sent }) => sent),
    counted: sum(({ counted }) => counted),
    difference: sum(({ sent, counted }) => Math.abs(sent - counted)),
    unclear: [...shop.http, ...shop.queries].reduce((total, { unclear }) => total + unclear, load.unclear),
    losses: totals.losses,
  };
}

function order({ client, server, protocol }: ComparedEdge): string {
  return `${client} ${server} ${protocol}`;
}

/** What control calls a load that is outside of the cluster: how external peers are named is control's matter. */
export function externalShopper({ edges }: Totals, entry: string, address: string): string {
  const external = edges.find(({ client, server }) => server === entry && client.startsWith("external/"));
  return external?.client ?? `external/${address}`;
}
