/** From rounds to figures: what a variant adds, who pays for reports, and the ratios with their goals. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { figuresOf } from "../../bench/filter/figures.ts";
import { SCENARIOS } from "../../bench/filter/scenarios.ts";
import type { Scenario } from "../../bench/filter/scenarios.ts";
import type { Round } from "../../bench/filter/turns.ts";
import type { Variant } from "../../bench/filter/variants.ts";
import type { Figure } from "../../bench/harness.ts";

const variants: readonly Variant[] = ["none", "empty filter", "Sidelight filter", "gRPC access log"];
const scenario: Scenario = { ...(SCENARIOS[0] as Scenario), title: "t", variants };

/** Two rounds, in the second of which everything takes twice as long; in each the third slice was disturbed. */
function rounds(proxy: number, report: number, receiver: number): Round[] {
  return [1, 2].map((by) => ({
    slices: [proxy * by, proxy * by, (proxy + 1000) * by],
    ...{ report: report * by, receiver: receiver * by, perSecond: 9000 / by, p99: by },
  }));
}

const measured = {
  rounds: new Map<Variant, Round[]>([
    ["none", rounds(40, 0, 0)],
    ["empty filter", rounds(42, 0, 0)],
    ["Sidelight filter", rounds(43, 0.5, 0.5)],
    ["gRPC access log", rounds(44, 1, 5)],
  ]),
  foreign: [0.05, 0.2],
};

function figure(figures: readonly Figure[], what: string): Figure {
  const found = figures.find((one) => one.what === `t: ${what}`);
  assert.ok(found, `${what} is among ${figures.map((one) => one.what).join("; ")}`);
  return found;
}

test("what a variant adds is its slices and its report, less the plain proxy of the same round", () => {
  const figures = figuresOf(scenario, measured);
  assert.equal(figure(figures, "Proxy, Sidelight filter adds").spread, [3.5, 7]);
  assert.equal(figure(figures, "Proxy, gRPC access log adds").spread, [5, 10]);
  assert.equal(figure(figures, "Receiver, gRPC access log").spread, [5, 10]);
  assert.not.ok(figures.some(({ what }) => what === "t: Receiver, empty filter"));
});

test("ratios are of what is added, in the proxy and with the receiver, and have the goals", () => {
  const figures = figuresOf(scenario, measured);
  const inProxy = figure(figures, "Sidelight filter / gRPC access log, proxy");
  assert.equal([inProxy.value, inProxy.goal, inProxy.met], [0.7, "<= 1 x", true]);
  const inAll = figure(figures, "Sidelight filter / gRPC access log, proxy + receiver");
  assert.equal([inAll.value, inAll.goal, inAll.met], [0.4, "<= 0.25 x", false]);
});

test("where the load has a rate of its own, requests/s say nothing", () => {
  const perSecond = (of: Scenario): number =>
    figuresOf(of, measured).filter(({ what }) => what.includes("Requests")).length;
  assert.is(perSecond(scenario), variants.length);
  assert.is(perSecond({ ...scenario, rate: 500 }), 0);
});

test("every scenario can be judged: it has the plain proxy, the filter and the access log", () => {
  for (const { name, variants: its } of SCENARIOS) {
    for (const needed of ["none", "Sidelight filter", "gRPC access log"] as const) {
      assert.ok(its.includes(needed), `${name}: ${needed}`);
    }
  }
  assert.is(new Set(SCENARIOS.map(({ name }) => name)).size, SCENARIOS.length);
});

test.run();
