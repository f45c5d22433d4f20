import { test } from "uvu";
import * as assert from "uvu/assert";

import type { OptedInWorkload } from "../../control/api/opt-in-source.ts";
import { clusterTrouble } from "../../ui/src/model/cluster-trouble.ts";
import { namespaceCommands, workloadCommands } from "../../ui/src/model/observe-commands.ts";
import {
  countParts,
  findObserved,
  firstNamespace,
  generalProblems,
  observedWords,
} from "../../ui/src/model/observed.ts";
import { cluster, observedShop, troubledShop, untouchedShop, workload } from "./fixtures/cluster.ts";

const NOW = Date.UTC(2026, 2, 4, 12);

function commandOf(more: Partial<OptedInWorkload>, isNamespaceOn = false): string {
  const [only, ...others] = workloadCommands(workload("shop/user", "off", more), {
    ...{ observe: isNamespaceOn ? "true" : null, isRoot: false },
  });
  assert.is(others.length, 0);
  return only?.command ?? "";
}

test("the command for a workload is the one that takes effect where its annotation stands", () => {
  const stated = (on: "workload" | "template" | "pod", value: string, name = "user") => ({
    stated: { on, name, value },
  });
  const turnedOn = { state: "reporting", by: "namespace" } as const;
  const annotate = (rest: string): string => `kubectl -n shop annotate ${rest}`;
  const patch = (what: string, spec: string): string =>
    `kubectl -n shop patch ${what} --type=merge -p '{"spec":${spec}}'`;
  const template = (value: string): string =>
    `{"template":{"metadata":{"annotations":{"sidelight.dev/observe":${value}}}}}`;
  const cases: readonly (readonly [string, Partial<OptedInWorkload>, boolean?])[] = [
    [annotate("deployment/user sidelight.dev/observe=true"), {}],
    [annotate("statefulset/user sidelight.dev/observe=true"), { kind: "StatefulSet" }],
    [annotate("pod/user sidelight.dev/observe=true"), { kind: "Pod" }],
    [annotate("deployment/user sidelight.dev/observe=true --overwrite"), stated("workload", "yes")],
    [patch("deployment/user", template('"true"')), stated("template", "false")],
    [annotate("pod/user-a sidelight.dev/observe-"), stated("pod", "false", "user-a"), true],
    [
      `${annotate("pod/user-a sidelight.dev/observe-")} && ${annotate("deployment/user sidelight.dev/observe=true")}`,
      stated("pod", "false", "user-a"),
    ],
    [patch("rollout/user", template('"true"')), { kind: "Rollout" }],
    [patch("cronjob/user", `{"jobTemplate":{"spec":${template('"true"')}}}`), { kind: "CronJob" }],
    ["", { kind: "Job" }],
    [annotate("deployment/user sidelight.dev/observe=false"), turnedOn, true],
    [annotate("deployment/user sidelight.dev/observe-"), { by: "workload", ...stated("workload", "true") }],
    [
      annotate("deployment/user sidelight.dev/observe=false --overwrite"),
      { by: "workload", ...stated("workload", "true") },
      true,
    ],
    [annotate("deployment/user sidelight.dev/observe=false"), { by: "workload", ...stated("template", "true") }],
    [annotate("deployment/user sidelight.dev/observe=false"), { by: "pod", ...stated("pod", "true", "user-a") }],
    [patch("rollout/user", template("null")), { kind: "Rollout", by: "pod", ...stated("pod", "true", "user-a") }],
    [patch("rollout/user", template('"false"')), { kind: "Rollout", ...turnedOn }, true],
  ];
  for (const [command, more, isNamespaceOn] of cases) assert.is(commandOf(more, isNamespaceOn), command);
});

test("the command for a namespace turns it on or off; the mesh's root has none", () => {
  const of = (observe: string | null, isRoot = false): string[] => {
    const sums = { workloads: 1, on: 0, reporting: 0, problem: null };
    return namespaceCommands({ name: "shop", observe, isRoot, ...sums }).map(({ command }) => command);
  };
  assert.equal(of(null), ["kubectl annotate namespace shop sidelight.dev/observe=true"]);
  assert.equal(of("true"), ["kubectl annotate namespace shop sidelight.dev/observe-"]);
  assert.equal(of("yes"), ["kubectl annotate namespace shop sidelight.dev/observe=true --overwrite"]);
  assert.equal(of(null, true), []);
});

test("each is told in words, and what is wrong with all of them only once", () => {
  const words = (state: OptedInWorkload["state"], more: Partial<OptedInWorkload> = {}, isBlocked = false) => {
    const { health, word, why } = observedWords(workload("shop/user", state, more), isBlocked);
    return `${health} ${word}: ${why}`.replaceAll("\u00a0", " ");
  };
  const report = { sinceMs: NOW, lastMs: NOW };
  assert.equal(
    [
      words("reporting", { reporting: report, pods: 3, included: 3, sidecars: 2 }),
      words("waiting"),
      words("noSidecar"),
      words("noPods"),
      words("notWritten", { problems: ["The webhook said no"] }),
      words("notWritten", {}, true),
      words("excluded", { stated: { on: "pod", name: "user-a", value: "false" } }),
      words("off"),
      words("off", { pods: 1, meshed: 0 }),
      words("off", { reporting: report }),
      words("off", { problems: ["Deployment user says yes"] }),
    ],
    [
      "healthy Reporting: 1 of its 3 pods has no sidecar",
      "idle Waiting: Its plugin was written just now",
      "idle No sidecar: None of its 2 pods has a sidecar: it is seen from the other end only",
      "idle No pods: It is observed from its first pod on",
      "failing No plugin: The webhook said no",
      "affected No plugin: Nothing is turned on or off just now",
      'idle Left out: Its pod user-a says "false"',
      "idle Off: ",
      "idle Off: Its pod has no sidecar",
      "healthy Reporting: By hand: no annotation turned it on",
      "degraded Off: Deployment user says yes",
    ],
  );
});

test("what needs somebody comes first, and a list is narrowed by name and by part", () => {
  const shop = troubledShop(NOW);
  const listed = (text: string, part: Parameters<typeof findObserved>[1]["part"] = "") =>
    findObserved(shop, { text, part }).map(({ namespace, workloads }) => {
      return `${namespace.name}: ${workloads.map(({ name }) => name).join(" ")}`;
    });
  assert.equal(countParts(shop.workloads), { trouble: 3, reporting: 5, waiting: 1, unobserved: 7 });
  assert.equal(listed("", "trouble"), ["payments: gate", "sock-shop: shipping user"]);
  assert.equal(listed("", "waiting"), ["sock-shop: orders"]);
  assert.equal(listed("sock-shop/CARTS"), ["sock-shop: carts carts-db"]);
  assert.equal(listed("rollout"), ["payments: ledger"]);
  assert.equal(listed("payments"), ["payments: gate ledger"]);
  assert.equal(
    findObserved(shop, { text: "", part: "" }).map(({ namespace }) => namespace.name),
    ["payments", "sock-shop", "tools", "istio-system", "kube-system"],
  );
  assert.equal(generalProblems(shop), [], "what is wrong with a namespace stands there");
});

test("the namespace to begin with is the one in which the most can run the filter", () => {
  const meshed = (shop: ReturnType<typeof untouchedShop>) =>
    shop.workloads.map(({ namespace, meshed: count }) => ({ namespace, isMeshed: count > 0 }));
  assert.is(firstNamespace(meshed(untouchedShop())), "sock-shop");
  assert.is(firstNamespace(meshed({ ...observedShop(NOW), workloads: [] })), undefined);
});

test("an API server that is away is told after a minute, and what may not be read at once", () => {
  const away = (ms: number) => clusterTrouble(cluster({ awaySinceMs: NOW - ms, problems: ["no route"] }), NOW);
  assert.is(away(59_000), null);
  assert.is(away(250_000)?.word, "Names 4\u00a0min old");
  assert.match(away(250_000)?.sentences.join("\n") ?? "", /names are those of then[^]*no route$/);
  assert.equal(clusterTrouble(cluster({ problems: ["may not read jobs"] }), NOW), {
    word: "Cluster read in part",
    sentences: ["may not read jobs"],
  });
  assert.is(clusterTrouble(cluster(), NOW), null);
  assert.is(clusterTrouble(null, NOW), null);
});

test.run();
