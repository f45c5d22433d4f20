/** What those who send have counted, and what Sidelight has, at about the same time. */
import { readLoadCounters, readShopCounters, readTotals } from "./control-client.ts";
import type { LoadCounters, ShopCounters, Totals } from "./control-client.ts";

/** Base URLs: of control's API, and of the control ports of the shop and of the load. */
export interface Bases {
  readonly api: string;
  readonly shop: string;
  readonly load: string;
}

export interface Readings {
  readonly shop: ShopCounters;
  readonly load: LoadCounters;
  readonly totals: Totals;
}

/** Well before anything was counted, and after. */
const MARGIN_MS = 3_600_000;

/** @param startedMs before all that is of interest, not more than an hour after Sidelight began to count */
export async function read(bases: Bases, startedMs: number): Promise<Readings> {
  const [shop, load] = await Promise.all([readShopCounters(bases.shop), readLoadCounters(bases.load)]);
  return { shop, load, totals: await readTotals(bases.api, startedMs - MARGIN_MS, Date.now() + MARGIN_MS) };
}

/** What has come since `base`, which was read while nothing was under way. */
export function since(base: Readings, { shop, load, totals }: Readings): Readings {
  const before = <T>(all: readonly T[], isIt: (one: T) => boolean, of: (one: T) => number): number => {
    const found = all.find(isIt);
    return found ? of(found) : 0;
  };
  return {
    shop: {
      ...shop,
      http: sentSince(base.shop.http, shop.http),
      queries: sentSince(base.shop.queries, shop.queries),
      tcp: shop.tcp.map((edge) => {
        const isIt = (one: typeof edge): boolean => one.client === edge.client && one.server === edge.server;
        return { ...edge, opened: edge.opened - before(base.shop.tcp, isIt, ({ opened }) => opened) };
      }),
    },
    load: {
      ...load,
      sent: load.sent - base.load.sent,
      unclear: load.unclear - base.load.unclear,
      failed: load.failed - base.load.failed,
      timeline: load.timeline
        .map(([atMs, done]) => [atMs, done - base.load.sent] as [number, number])
        .filter(([, done]) => done >= 0),
    },
    totals: {
      edges: totals.edges.map((edge) => {
        const isIt = (one: typeof edge): boolean =>
          one.client === edge.client && one.server === edge.server && one.protocol === edge.protocol;
        const rest = Object.entries(edge.outcomes).map(([outcome, count]) => {
          return [outcome, count - before(base.totals.edges, isIt, ({ outcomes }) => outcomes[outcome] ?? 0)] as const;
        });
        return { ...edge, outcomes: Object.fromEntries(rest) };
      }),
      losses: totals.losses
        .map((loss) => ({
          ...loss,
          count:
            loss.count -
            before(
              base.totals.losses,
              ({ kind }) => kind === loss.kind,
              ({ count }) => count,
            ),
        }))
        .filter(({ count }) => count > 0),
    },
  };
}

interface Sent {
  readonly client: string;
  readonly server: string;
  readonly sent: number;
  readonly unclear: number;
}

function sentSince<Edge extends Sent>(base: readonly Edge[], now: readonly Edge[]): Edge[] {
  return now.map((edge) => {
    const before = base.find(({ client, server }) => client === edge.client && server === edge.server);
    return { ...edge, sent: edge.sent - (before?.sent ?? 0), unclear: edge.unclear - (before?.unclear ?? 0) };
  });
}
