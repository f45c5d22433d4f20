/** Who leads where, over both APIs. */
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, FilterOperator } from "#proto/stats.ts";
import type { Filter, ListPathsRequest } from "#proto/stats.ts";
import { toPaths } from "../../../control/api/mapping.ts";
import type { Page } from "../../../control/api/pages.ts";
import type { PathsAnswer } from "../../../control/api/path-answers.ts";
import { type BothApis, plain, refusal, startBoth, violation } from "./fixture-both.ts";
import { served, windowOf } from "./fixture-shop.ts";
import { loud } from "../../loud.ts";

const paths = suite("Paths over both APIs");

let both: BothApis;

paths.before(
  loud(async () => {
    both = await startBoth();
  }),
);

paths.after(() => both.close());

type Parameters = readonly (readonly [string, string])[];

const notTcp: Filter = {
  attribute: Attribute.ATTRIBUTE_PROTOCOL,
  end: 0,
  operator: FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
  value: "tcp",
};

const fromInternet: Partial<ListPathsRequest> = { client: "external/internet", server: "shop/user-db" };
const toUserDb: Parameters = [
  ["client", "external/internet"],
  ["server", "shop/user-db"],
];

paths("paths, now and then: the same over both APIs", async () => {
  for (const at of [undefined, both.thenMs]) {
    const past: Parameters = at === undefined ? [] : [["at", String(at)]];
    const asked = await both.grpc.paths({ ...fromInternet, ...(at !== undefined && { at: new Date(at) }) });
    const told = await both.http<Page<PathsAnswer>>("paths", [...toUserDb, ...past]);
    assert.equal(plain(asked), plain(toPaths(told)));
    assert.equal(
      told.paths.map(({ nodes, edges, health }) => [nodes, edges.map(({ id }) => id), health]),
      [
        [
          ["external/internet", "shop/front-end", "shop/user", "shop/user-db"],
          ["external/internet>shop/front-end/http", "shop/front-end>shop/user/http", "shop/user>shop/user-db/tcp"],
          "failing",
        ],
      ],
    );
  }
});

paths("no path is no error: too few hops, filtered away, or against the arrows", async () => {
  const none = async (request: Partial<ListPathsRequest>, parameters: Parameters): Promise<void> => {
    assert.equal((await both.grpc.paths(request)).paths, []);
    assert.equal((await both.http<PathsAnswer>("paths", parameters)).paths, []);
  };
  await none({ ...fromInternet, maxHops: 2 }, [...toUserDb, ["maxHops", "2"]]);
  await none({ ...fromInternet, filters: [notTcp] }, [...toUserDb, ["filter", "protocol!=tcp"]]);
  const back: Parameters = [
    ["client", "shop/user-db"],
    ["server", "shop/user"],
  ];
  await none({ client: "shop/user-db", server: "shop/user" }, back);
});

paths("ends that are missing, unknown or the same are refused by their names", async () => {
  const [missing, unknown] = [
    { code: status.INVALID_ARGUMENT as number, http: 400 },
    { code: status.NOT_FOUND as number, http: 404 },
  ];
  const cases: readonly (readonly [Partial<ListPathsRequest>, string, string, typeof missing])[] = [
    [{ server: "shop/user" }, "client", "client", missing],
    [{ client: "shop/user" }, "server", "server", missing],
    [{ client: "shop/user", server: "shop/user" }, "server", "server", missing],
    [{ client: "shop/usr", server: "shop/user-db" }, "client", "client", unknown],
    [{ ...fromInternet, server: "shop/nobody" }, "server", "server", unknown],
    [{ ...fromInternet, maxHops: 17 }, "max_hops", "maxHops", missing],
    [{ ...fromInternet, pageSize: 1_001 }, "page_size", "pageSize", missing],
  ];
  for (const [request, field, parameter, expected] of cases) {
    const refused = await refusal(both.grpc.paths(request));
    assert.is(refused.code, expected.code, refused.message);
    if (expected === missing) assert.is(violation(refused.metadata)[0], field);
    const parameters = Object.entries(request as Record<string, string | number>).map(
      ([name, value]) => [name, String(value)] as const,
    );
    const told = await refusal(both.http("paths", parameters));
    assert.equal([told.status, told.field], [expected.http, parameter], told.message);
  }
});

paths("in a dense world paths come in pages, and too many are refused with what to do", async () => {
  const { world, feed } = both.control;
  const ids = Array.from({ length: 40 }, (_each, index) => `dense/w${index}`);
  const calls = ids.flatMap((client) =>
    ids.filter((server) => server !== client).map((server) => served({ client, server, count: 1 })),
  );
  world.add(windowOf("dense/w0", feed.latest().atMs - 5_000, calls));
  feed.added();
  const ends = { client: "dense/w0", server: "dense/w1" };
  const parameters = Object.entries(ends);

  const first = await both.grpc.paths({ ...ends, maxHops: 3 });
  assert.is(first.paths.length, 100, "where no size is given");
  let [all, token] = [first.paths, first.nextPageToken];
  while (token !== "") {
    const page = await both.grpc.paths({ ...ends, maxHops: 3, pageSize: 1_000, pageToken: token });
    all = [...all, ...page.paths];
    token = page.nextPageToken;
  }
  assert.is(new Set(all.map(({ nodes }) => nodes.join(" "))).size, 1 + 38 + 38 * 37);
  assert.equal(
    all.map(({ nodes }) => nodes.length),
    all.map(({ nodes }) => nodes.length).sort(),
  );

  const refused = await refusal(both.grpc.paths(ends));
  assert.is(refused.code, status.RESOURCE_EXHAUSTED);
  assert.match(refused.details, "ask for 3 hops at most, or narrow the question with filters");
  const told = await refusal(both.http("paths", parameters));
  assert.equal([told.status, told.message], [422, refused.details]);
});

paths.run();
