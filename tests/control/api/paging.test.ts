/** Pages over both APIs: of one moment while the world goes on, and tokens that open nothing else. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { GetTopologyRequest } from "#proto/stats.ts";
import type { EndpointsAnswer, TopologyAnswer, WorkloadsAnswer } from "../../../control/api/topology-answers.ts";
import type { Page } from "../../../control/api/pages.ts";
import { type BothApis, refusal, startBoth, violation } from "./fixture-both.ts";
import { shopSecond } from "./fixture-shop.ts";
import { loud } from "../../loud.ts";

const paging = suite("Pages over both APIs");

let both: BothApis;

paging.before(
  loud(async () => {
    both = await startBoth();
  }),
);

paging.after(() => both.close());

/** Every count of the shop changes. */
function goOn(): void {
  const { world, feed } = both.control;
  for (const window of shopSecond(feed.latest().atMs - 5_000)) world.add(window);
  feed.added();
}

/** All pages over gRPC, while the world goes on. */
async function allPages<Answer extends { nextPageToken: string }>(
  ask: (page: { pageSize: number; pageToken: string }) => Promise<Answer>,
  pageSize: number,
): Promise<Answer[]> {
  const pages = [await ask({ pageSize, pageToken: "" })];
  for (let last = pages[0]!; last.nextPageToken !== ""; last = pages.at(-1)!) {
    goOn();
    pages.push(await ask({ pageSize, pageToken: last.nextPageToken }));
  }
  return pages;
}

const when = ["now", "then"] as const;
const instantOf = (time: "now" | "then") => (time === "now" ? {} : { at: new Date(both.thenMs) });

for (const time of when) {
  paging(`pages of workloads and endpoints, ${time}, make up the whole`, async () => {
    const at = instantOf(time);
    const workloads = await both.grpc.workloads(at);
    const pages = await allPages((page) => both.grpc.workloads({ ...at, ...page }), 3);
    assert.equal(
      pages.map((page) => page.workloads.length),
      [3, 1],
    );
    assert.equal(
      pages.map((page) => page.at),
      pages.map(() => workloads.at),
    );
    assert.equal(
      pages.flatMap((page) => page.workloads),
      workloads.workloads,
    );

    const { endpoints } = await both.grpc.endpoints(at);
    const parts = await allPages((page) => both.grpc.endpoints({ ...at, ...page }), 1);
    assert.is(parts.length, endpoints.length);
    assert.equal(
      parts.flatMap((page) => page.endpoints),
      endpoints,
    );
  });

  paging(`pages of the topology, ${time}: edges with their ends, and last the nodes without edges`, async () => {
    const request = { ...instantOf(time) };
    const whole = await both.grpc.topology(request);
    const pages = await allPages((page) => both.grpc.topologyPage({ ...request, ...page }), 1);
    assert.equal(
      pages.flatMap(({ topology }) => topology!.edges),
      whole.edges,
    );
    const seen = new Map(pages.flatMap(({ topology }) => topology!.nodes.map((node) => [node.id, node])));
    assert.equal(
      [...seen.values()].sort((a, b) => (a.id < b.id ? -1 : 1)),
      whole.nodes,
    );
    for (const { topology, nextPageToken } of pages) {
      const [edge] = topology!.edges;
      if (nextPageToken === "") continue;
      assert.equal(topology!.nodes.map(({ id }) => id).sort(), [edge!.client, edge!.server].sort());
    }
  });
}

paging("the same over HTTP", async () => {
  const first = await both.http<Page<WorkloadsAnswer>>("workloads", [["pageSize", "3"]]);
  goOn();
  const rest = await both.http<Page<WorkloadsAnswer>>("workloads", [["pageToken", first.nextPageToken]]);
  assert.equal(
    [...first.workloads, ...rest.workloads].map(({ id }) => id),
    ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"],
  );
  assert.equal([rest.atMs, rest.nextPageToken], [first.atMs, ""]);

  const edges = await both.http<Page<TopologyAnswer>>("topology", [["pageSize", "3"]]);
  const last = await both.http<Page<TopologyAnswer>>("topology", [["pageToken", edges.nextPageToken]]);
  assert.equal([edges.edges.length, last.edges.length, last.nextPageToken], [3, 1, ""]);

  const endpoints = await both.http<Page<EndpointsAnswer>>("endpoints", [["pageSize", "1"]]);
  assert.is(endpoints.endpoints.length, 1);
  assert.is((await both.http<Page<EndpointsAnswer>>("endpoints")).nextPageToken, "");
});

paging("a token that is forged, foreign or of another question is refused by its name", async () => {
  const { nextPageToken: token } = await both.grpc.topologyPage({ pageSize: 1 });
  const forged = token.replace(/.$/, token.endsWith("A") ? "Q" : "A");
  const cases: readonly (readonly [Partial<GetTopologyRequest>, readonly (readonly [string, string])[]])[] = [
    [{ pageToken: "x" }, [["pageToken", "x"]]],
    [{ pageToken: forged }, [["pageToken", forged]]],
    [
      { pageToken: token, at: new Date(both.thenMs) },
      [
        ["pageToken", token],
        ["at", String(both.thenMs)],
      ],
    ],
  ];
  for (const [request, parameters] of cases) {
    const refused = await refusal(both.grpc.topologyPage(request));
    assert.is(refused.code, status.INVALID_ARGUMENT, refused.message);
    assert.equal(violation(refused.metadata), ["page_token", refused.details]);
    const told = await refusal(both.http("topology", parameters));
    assert.equal([told.status, told.field], [400, "pageToken"], told.message);
  }
  const foreign = await refusal(both.grpc.workloads({ pageToken: token }));
  assert.equal([foreign.code, violation(foreign.metadata)[0]], [status.INVALID_ARGUMENT, "page_token"]);
});

paging("an answer whose room newer ones needed is gone, which is told apart from a wrong token", async () => {
  const { nextPageToken: pageToken } = await both.grpc.topologyPage({ pageSize: 1 });
  const overHttp = await both.http<Page<TopologyAnswer>>("topology", [["pageSize", "1"]]);
  for (let index = 0; index < 32; index++) await both.grpc.topologyPage({ pageSize: 1 });
  const gone = await refusal(both.grpc.topologyPage({ pageToken }));
  assert.is(gone.code, status.ABORTED, gone.message);
  assert.match(gone.details, "Start again");
  for (let index = 0; index < 32; index++) await both.http("topology", [["pageSize", "1"]]);
  const told = await refusal(both.http("topology", [["pageToken", overHttp.nextPageToken]]));
  assert.equal([told.status, told.field], [410, "pageToken"]);
});

paging("a page has from 1 to 10,000 rows", async () => {
  for (const pageSize of [10_001, 2 ** 32 - 1]) {
    const refused = await refusal(both.grpc.workloads({ pageSize }));
    assert.equal([refused.code, violation(refused.metadata)[0]], [status.INVALID_ARGUMENT, "page_size"]);
  }
  for (const pageSize of ["0", "10001", "-1", "1e3", "x"]) {
    const told = await refusal(both.http("topology", [["pageSize", pageSize]]));
    assert.equal([told.status, told.field], [400, "pageSize"], pageSize);
  }
  assert.is((await both.grpc.workloads({ pageSize: 10_000 })).workloads.length, 4);
});

paging.run();
