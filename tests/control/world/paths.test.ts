import { test } from "uvu";
import * as assert from "uvu/assert";
import { neighbourhood } from "../../../control/world/neighbourhood.ts";
import type { Around } from "../../../control/world/neighbourhood.ts";
import { pathsBetween, PATH_LIMITS, TooManyPaths } from "../../../control/world/paths.ts";
import type { PathQuestion } from "../../../control/world/paths.ts";
import { randomOf } from "./random.ts";

interface Edge {
  readonly client: string;
  readonly server: string;
  readonly red: { readonly requests: number };
}

/** "a>b 5": five requests from a to b. */
function edge(text: string): Edge {
  const [ends = "", requests = "1"] = text.split(" ");
  const [client = "", server = ""] = ends.split(">");
  return { client, server, red: { requests: Number(requests) } };
}

function told(texts: readonly string[], question: Partial<PathQuestion> = {}): string[] {
  const paths = pathsBetween(texts.map(edge), { client: "a", server: "z", maxHops: 8, ...question });
  return paths.map((nodes) => nodes.join(" "));
}

test("the shortest come first, then those whose least busy hop is the busiest", () => {
  const edges = ["a>b 100", "b>z 2", "a>c 9", "c>z 9", "a>c 1", "b>c 7", "a>d 9", "d>e 9", "e>z 9"];
  assert.equal(told(edges), ["a c z", "a b z", "a d e z", "a b c z"]);
  assert.equal(told([...edges, "a>z 0"])[0], "a z");
  assert.equal(told(["a>c 3", "c>z 3", "a>b 3", "b>z 3"]), ["a b z", "a c z"], "by name where they are the same");
});

test("no path passes a node twice, nor its end, nor has more hops than wanted", () => {
  const edges = ["a>a", "a>b", "b>a", "b>b", "b>c", "c>b", "c>z", "z>c", "z>z", "z>a"];
  assert.equal(told(edges), ["a b c z"]);
  assert.equal(told(edges, { maxHops: 2 }), []);
  assert.equal(told(edges, { client: "z", server: "b" }), ["z a b", "z c b"]);
  assert.equal(told(["b>a", "z>b"]), [], "against the arrows nothing leads anywhere");
});

/** All simple paths, by trying everything. */
function everyPath(edges: readonly Edge[], { client, server, maxHops }: PathQuestion): string[] {
  const found: string[] = [];
  const walk = (path: readonly string[]): void => {
    const last = path.at(-1)!;
    if (last === server) found.push(path.join(" "));
    if (last === server || path.length > maxHops) return;
    const next = new Set(edges.filter((each) => each.client === last).map((each) => each.server));
    for (const node of next) if (!path.includes(node)) walk([...path, node]);
  };
  walk([client]);
  return found.sort();
}

test("all of them are found, and none else (seeds 1 to 200)", () => {
  let paths = 0;
  for (let seed = 1; seed <= 200; seed++) {
    const random = randomOf(seed);
    const node = (): string => "abcdxyz"[Math.floor(random() * 7)]!;
    const edges = Array.from({ length: 6 + Math.floor(random() * 14) }, () => ({
      ...{ client: node(), server: node() },
      red: { requests: Math.floor(random() * 9) },
    }));
    const question = { client: "a", server: "z", maxHops: 1 + Math.floor(random() * 7) };
    const found = pathsBetween(edges, question).map((each) => each.join(" "));
    paths += found.length;
    assert.equal([...found].sort(), everyPath(edges, question), `seed ${seed}`);
    const lengths = found.map((each) => each.length);
    assert.equal(
      lengths,
      [...lengths].sort((a, b) => a - b),
    );
  }
  assert.ok(paths > 100, `${paths}`);
});

function clique(size: number): Edge[] {
  const nodes = Array.from({ length: size }, (_each, index) => `n${index}`);
  return nodes.flatMap((client) =>
    nodes.filter((server) => server !== client).map((server) => edge(`${client}>${server}`)),
  );
}

test("where everybody calls everybody the work is bounded, and how far one can go is said", () => {
  const dense = clique(70);
  const ask = (maxHops: number) => pathsBetween(dense, { client: "n0", server: "n1", maxHops });
  // 1 + 68 + 68 * 67: past that come 68 * 67 * 66 more.
  assert.is(ask(3).length, 4_625);
  for (const maxHops of [4, 16]) {
    assert.throws(
      () => ask(maxHops),
      (error: unknown) => error instanceof TooManyPaths && /ask for 3 hops at most/.test(error.message),
    );
  }
});

test("ways that lead nowhere are work too", () => {
  const trap = [...clique(20), edge("a>n0"), edge("n0>z")];
  const ask = (maxHops: number, maxSteps: number) =>
    pathsBetween(trap, { client: "a", server: "z", maxHops }, { ...PATH_LIMITS, maxSteps });
  assert.equal(ask(2, 1_000), [["a", "n0", "z"]]);
  assert.throws(() => ask(16, 20_000), /ask for \d hops at most/);
  assert.throws(() => ask(2, 2), /narrow the question with filters/);
  assert.not.throws(() => ask(4, 20_000));
});

const shop = ["in>web", "web>cart", "web>user", "cart>db", "user>db", "cart>cart", "db>disk"].map(edge);

function near(around: Around): unknown {
  const { nodes, edges } = neighbourhood(shop, around);
  return [[...nodes].sort().join(" "), edges.map(({ client, server }) => `${client}>${server}`).join(" ")];
}

test("a neighbourhood is what the first steps reach, and the edges that they follow", () => {
  const direction = "both";
  assert.equal(near({ node: "cart", hops: 1, direction: "servers" }), ["cart db", "cart>db cart>cart"]);
  assert.equal(near({ node: "cart", hops: 2, direction: "servers" }), ["cart db disk", "cart>db cart>cart db>disk"]);
  assert.equal(near({ node: "cart", hops: 10, direction: "clients" }), ["cart in web", "in>web web>cart cart>cart"]);
  assert.equal(near({ node: "cart", hops: 1, direction }), ["cart db web", "web>cart cart>db cart>cart"]);
  assert.equal(near({ node: "cart", hops: 2, direction }), [
    "cart db disk in user web",
    "in>web web>cart web>user cart>db user>db cart>cart db>disk",
  ]);
  assert.equal(near({ node: "alone", hops: 3, direction }), ["alone", ""]);
});

test("a hop more never takes anything away (seeds 1 to 30)", () => {
  for (let seed = 1; seed <= 30; seed++) {
    const random = randomOf(seed);
    const node = (): string => "abcdefgh"[Math.floor(random() * 8)]!;
    const edges = Array.from({ length: 12 }, () => edge(`${node()}>${node()}`));
    for (const direction of ["clients", "servers", "both"] as const) {
      let before = neighbourhood(edges, { node: "a", hops: 1, direction });
      for (let hops = 2; hops <= 10; hops++) {
        const now = neighbourhood(edges, { node: "a", hops, direction });
        assert.ok(before.edges.every((each) => now.edges.includes(each)));
        assert.ok(now.edges.every(({ client, server }) => now.nodes.has(client) && now.nodes.has(server)));
        before = now;
      }
    }
  }
});

test.run();
