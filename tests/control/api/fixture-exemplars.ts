/** A store with a few slow and failed requests of the shop, in the last minutes before it was made. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Exemplar } from "../../../control/identity/observation.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { Store } from "../../../control/store/store.ts";
import { served, windowOf } from "./fixture-shop.ts";

export const traceId = "4bf92f3577b34da6a3ce929d0e0e4736";

export interface ExemplarStore {
  readonly store: Store;
  /** When the newest request ended, milliseconds since the epoch. */
  readonly atMs: number;
  remove(): Promise<void>;
}

/** The failed request is the newest; the slow ones ended 10, 20 and 30 s before it. */
export async function exemplarStore(): Promise<ExemplarStore> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-exemplars-"));
  const store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
  const atMs = Math.floor(Date.now() / 1000) * 1000 - 5_000;
  const slow = (ago: number, words: Partial<Exemplar>): Exemplar => ({
    ...{ reason: "slowest", atMs: atMs - ago * 1000, side: "destination", client: "shop/front-end" },
    ...{ server: "shop/user", protocol: "http", method: "GET", route: "/cards/{id}", outcome: "success", status: 200 },
    ...{ path: "/cards/7", durationMs: 30, flags: 0, requestId: "", traceId: "" },
    ...words,
  });
  const exemplars: Exemplar[] = [
    slow(10, { path: "/cards/17", durationMs: 1_250, requestId: "0b6f8a60-97a3" }),
    slow(20, { client: "shop/orders", path: "/addresses/5", route: "/addresses/{id}" }),
    slow(30, { protocol: "grpc", method: "", route: "/shop.User/Get", path: "/shop.User/Get", status: 0 }),
    slow(0, {
      ...{ reason: "failed", outcome: "noAnswer", status: 504, durationMs: 2_000, flags: 4 + 2 ** 14 },
      ...{ path: "/cards/\u001b[31m9", requestId: "r-1", traceId },
    }),
  ];
  const observed = [served({ client: "shop/front-end", server: "shop/user", count: 1 })];
  const windows = exemplars.map((exemplar) => ({
    ...windowOf("shop/user", exemplar.atMs - 500, observed),
    exemplars: [exemplar],
  }));
  await store.append(windows, 1);
  return {
    store,
    atMs,
    async remove() {
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}
