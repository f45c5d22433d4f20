import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Edge, GetTopologyResponse, Node } from "#proto/stats.ts";
import { Listing } from "../../client/index.ts";
import { mergeTopology } from "../../client/merge-topology.ts";

const test = suite("Pages");

interface Page {
  readonly rows: readonly number[];
  readonly nextPageToken: string;
}

const pages: Readonly<Record<string, Page>> = {
  "": { rows: [1, 2], nextPageToken: "b" },
  b: { rows: [], nextPageToken: "c" },
  c: { rows: [3], nextPageToken: "" },
};

function listing(asked: string[], pageToken?: string): Listing<number, Page> {
  const ask = (token: string): Promise<Page> => {
    asked.push(token);
    return Promise.resolve(pages[token]!);
  };
  return new Listing({ ask, rowsOf: ({ rows }) => rows, pageToken });
}

test("rows of all pages, in order, also past an empty one", async () => {
  const asked: string[] = [];
  const rows = listing(asked);
  assert.equal(asked, [], "nothing is asked before");
  assert.equal(await rows.all(), [1, 2, 3]);
  assert.equal(asked, ["", "b", "c"]);
});

test("a page is asked for when it is needed", async () => {
  const asked: string[] = [];
  for await (const row of listing(asked)) if (row === 2) break;
  assert.equal(asked, [""]);
  assert.is((await listing(asked).first()).nextPageToken, "b");
});

test("it may begin in the middle", async () => {
  assert.equal(await listing([], "b").all(), [3]);
});

test("a topology out of pages has each node once", async () => {
  const at = new Date(1_767_225_600_000);
  const page = (edge: readonly [string, string], nodes: readonly string[]): GetTopologyResponse => {
    const [client, server] = edge;
    const topology = { at, windowSeconds: 30, edges: [Edge.create({ client, server })] };
    return GetTopologyResponse.create({ topology: { ...topology, nodes: nodes.map((id) => Node.create({ id })) } });
  };
  async function* both(): AsyncGenerator<GetTopologyResponse> {
    yield await Promise.resolve(page(["a", "b"], ["a", "b"]));
    yield page(["b", "c"], ["b", "c", "idle"]);
  }
  const whole = await mergeTopology(both());
  assert.equal(
    whole.nodes.map(({ id }) => id),
    ["a", "b", "c", "idle"],
  );
  assert.is(whole.edges.length, 2);
  assert.equal([whole.at, whole.windowSeconds], [at, 30]);
});

test.run();
