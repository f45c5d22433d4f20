import { suite } from "uvu";
import * as assert from "uvu/assert";
import { PackedPods } from "../../../control/world/packed-pods.ts";
import type { HeldPods } from "../../../control/world/packed-pods.ts";
import { PodEdgeState } from "../../../control/world/pod-edges.ts";
import { podEnd, podTraffic } from "./pod-fixtures.ts";

const test = suite("packed pods");

const edges = Array.from({ length: 300 }, (_, at) => new PodEdgeState(podTraffic({ client: podEnd("a", `${at}`) })));

function said(at: number, given: Partial<HeldPods["counts"]> = {}): HeldPods {
  const counts = { outcome: "success", status: 0, count: 1, buckets: [], requestBytes: 0, responseBytes: 0 } as const;
  return { edge: edges[at]!, view: 0, counts: { ...counts, ...given } };
}

function heldIn(pods: PackedPods): HeldPods[] {
  const held: HeldPods[] = [];
  pods.forEach((item) => held.push(item));
  return held;
}

test("what was put in comes out again, in its order, however much it is", () => {
  const pods = new PackedPods();
  const items = edges.map((_, at) => {
    const buckets = Array.from({ length: at % 7 }, (__, index) => [index * 3, at + 1]).flat();
    const outcome = at % 2 === 0 ? "success" : "serverError";
    const item = said(at, { outcome, count: 2 ** 40 + at, requestBytes: at, responseBytes: 2 ** 52, buckets });
    return { ...item, view: (at % 4) as HeldPods["view"] };
  });
  for (const item of items) {
    assert.not(pods.join(item, false));
    pods.add(item);
  }
  assert.is(pods.size, edges.length);
  assert.equal(heldIn(pods), items);
});

test("what another reporter said of the same pods is added up; another outcome or view stays apart", () => {
  const pods = new PackedPods();
  pods.add(said(0, { count: 5, buckets: [3, 2, 9, 1, 12, 2], requestBytes: 7 }));
  pods.add(said(0, { outcome: "noAnswer", count: 4 }));
  assert.ok(pods.join(said(0, { count: 2, buckets: [3, 1, 12, 1], requestBytes: 1, responseBytes: 8 }), false));
  assert.ok(pods.join(said(0, { outcome: "noAnswer", count: 1 }), false));
  assert.not(pods.join({ ...said(0), view: 1 }, false));
  assert.not(pods.join(said(1), false));
  assert.equal(
    heldIn(pods).map(({ counts }) => counts),
    [
      said(0, { count: 7, buckets: [3, 3, 9, 1, 12, 3], requestBytes: 8, responseBytes: 8 }).counts,
      said(0, { outcome: "noAnswer", count: 5 }).counts,
    ],
  );
});

test("buckets that are not held yet come to those that are", () => {
  const pods = new PackedPods();
  pods.add(said(0, { count: 3, buckets: [3, 2, 9, 1] }));
  pods.add(said(1, { count: 1, buckets: [4, 1] }));
  for (const buckets of [[3, 1, 5, 1], [1, 1, 3, 1], [9, 1, 2_367, 1], []]) {
    assert.ok(pods.join(said(0, { count: 2, buckets }), false));
  }
  const counts = [
    { count: 11, buckets: [1, 1, 3, 4, 5, 1, 9, 2, 2_367, 1] },
    { count: 1, buckets: [4, 1] },
  ];
  assert.equal(heldIn(pods), [said(0, counts[0]), said(1, counts[1])]);
});

test("what is added up again and again stays right, and takes no more room than it needs", () => {
  const pods = new PackedPods();
  for (const at of edges.keys()) pods.add(said(at));
  const rounds = 700;
  for (let round = 1; round <= rounds; round++) {
    for (const at of edges.keys()) {
      assert.ok(pods.join(said(at, { requestBytes: at, buckets: [(round * 13 + at) % 2_368, 1] }), false));
    }
  }
  const bytes = pods.bytes;
  assert.ok(bytes < 3 * edges.length * (rounds * 4 + 8), `${bytes} bytes`);
  for (const [at, { edge, counts }] of heldIn(pods).entries()) {
    assert.is(edge, edges[at]);
    assert.equal([counts.count, counts.requestBytes], [rounds + 1, rounds * at]);
    const indexes = Array.from({ length: rounds }, (_, round) => ((round + 1) * 13 + at) % 2_368);
    assert.equal(
      counts.buckets,
      indexes.sort((a, b) => a - b).flatMap((index) => [index, 1]),
    );
  }
});

test("what is joined inside the window is counted there", () => {
  const pods = new PackedPods();
  const item = said(7, { count: 2, buckets: [4, 2] });
  pods.add(item);
  item.edge.window.add(item.view, item.counts, 1);
  assert.ok(pods.join(said(7, { count: 3, buckets: [4, 3] }), true));
  pods.forEach(({ edge, view, counts }) => edge.window.add(view, counts, -1));
  assert.ok(item.edge.window.isEmpty);
});

test("what was cleared is empty, and takes as much as before", () => {
  const pods = new PackedPods();
  for (const round of [1, 2, 3]) {
    edges.slice(0, 300 / round ** 2).forEach((_, at) => pods.add(said(at, { buckets: [at, round] })));
    assert.ok(pods.join(said(5, { buckets: [5, 1] }), false));
    assert.is(heldIn(pods)[5]!.counts.count, 2);
    pods.clear();
    assert.is(pods.size, 0);
    assert.not(pods.join(said(5, { buckets: [5, 1] }), false), "nothing is left to be joined with");
  }
});

test.run();
