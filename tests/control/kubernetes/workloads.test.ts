import { test } from "uvu";
import * as assert from "uvu/assert";
import { Told, at, deployment, pod, podOf, service, slice, templated } from "./fixtures.ts";

test("what a workload's service, role, version and account are", () => {
  const told = deployment(new Told(), "user-v1", { account: "shared" });
  deployment(told, "user-v2", { account: "own" });
  told.put("services", service("user", { clusterIP: "10.96.0.1" }));
  told.put("services", service("user-headless", { clusterIP: "None" }));
  const sidecar = [{ name: "app" }, { name: "istio-proxy", image: "istio/proxyv2:1.31" }];
  const labels = { "app.kubernetes.io/version": "1.2.3", version: "v1" };
  told.put("pods", podOf("user-v1", "a", { ips: ["10.1.0.1"], account: "shared", containers: sidecar, labels }));
  told.put(
    "pods",
    podOf("user-v2", "a", { ips: ["10.1.0.2"], account: "own", labels: { version: "v2" }, node: "worker-9" }),
  );
  for (const name of ["user", "user-headless"]) {
    told.put(
      "endpointslices",
      slice(`${name}-1`, name, [
        { address: "10.1.0.1", pod: "user-v1-7c9-a" },
        { address: "10.1.0.2", pod: "user-v2-7c9-a" },
      ]),
    );
  }
  const [one, two] = [told.inventory.byName("shop", "user-v1"), told.inventory.byName("shop", "user-v2")];
  assert.equal([one?.service, two?.service], ["user", "user"]);
  assert.equal([one?.kind, two?.kind], ["workload", "unmeshed"]);
  assert.is(told.inventory.podAt("10.1.0.1", at("10:00:00"))?.version, "1.2.3");
  assert.equal(told.inventory.podAt("10.1.0.2", at("10:00:00")), {
    ...{ workload: "shop/user-v2", pod: "shop/user-v2-7c9-a", node: "worker-9", version: "v2" },
  });
  const accounts = (account: string) => told.inventory.byServiceAccount("shop", account).map(({ id }) => id);
  assert.equal(accounts("own"), ["shop/user-v2"]);
  assert.equal(accounts("nobody"), []);
  told.remove("pods", podOf("user-v1", "a"), "10:00:01");
  assert.is(told.inventory.byName("shop", "user-v1")?.kind, "workload", "while no pod runs it keeps its sidecar");
  told.put("pods", podOf("user-v1", "b", { ips: ["10.1.0.3"] }), "10:00:02");
  assert.is(told.inventory.byName("shop", "user-v1")?.kind, "unmeshed", "its next pod came without");
});

test("roles and annotations: the object's, its template's, its pods', its namespace's", () => {
  const told = new Told();
  told.put("namespaces", { metadata: { name: "shop", uid: "n", annotations: { "sidelight.dev/owner": "shop-team" } } });
  const annotations = { "sidelight.dev/owner": "db-team", "sidelight.dev/role": "store", other: "x".repeat(10_000) };
  told.put(
    "statefulsets",
    templated("StatefulSet", "db", { annotations, ofTemplate: { "sidelight.dev/routes": "/a" } }),
  );
  told.put("statefulsets", templated("StatefulSet", "cache", { labels: { "app.kubernetes.io/component": "cache" } }));
  told.put("pods", pod({ name: "bare", annotations: { "sidelight.dev/role": "database" }, ips: ["10.1.0.1"] }));
  assert.is(told.inventory.byName("shop", "db")?.kind, "store");
  assert.is(told.inventory.byName("shop", "cache")?.kind, "store");
  assert.is(told.inventory.byName("shop", "bare")?.kind, "unmeshed");
  assert.equal(told.inventory.wrongRoles(), [{ workload: "shop/bare", role: "database" }]);
  const owners = told.inventory.annotated("sidelight.dev/owner");
  assert.equal([...owners].sort(), [
    ["shop/bare", "shop-team"],
    ["shop/cache", "shop-team"],
    ["shop/db", "db-team"],
  ]);
  assert.equal([...told.inventory.annotated("sidelight.dev/routes")], [["shop/db", "/a"]]);
  assert.is(told.inventory.annotated("other").size, 0, "only Sidelight's are kept");
  assert.is(told.inventory.annotated("sidelight.dev/owner"), owners, "the same while nothing changes");
  told.put("namespaces", { metadata: { name: "shop", uid: "n" } });
  assert.is(told.inventory.annotated("sidelight.dev/owner").size, 1);
});

test("two kinds of one name are one workload, described by the first", () => {
  const told = new Told()
    .put("deployments", templated("Deployment", "user"))
    .put("statefulsets", templated("StatefulSet", "user"));
  assert.is(told.inventory.workloads().length, 1);
  assert.is(told.inventory.byName("shop", "user")?.workloadKind, "Deployment");
  told.remove("statefulsets", templated("StatefulSet", "user"), "10:00:00");
  assert.is(told.inventory.byName("shop", "user")?.workloadKind, "Deployment");
});

test("pods that come and go say nothing new of their workload, so nobody is told", () => {
  const told = deployment(new Told(), "user").put("pods", podOf("user", "a", { ips: ["10.1.0.1"] }));
  const known = told.inventory.byName("shop", "user");
  const { changes } = told;
  for (let i = 0; i < 50; i += 1) {
    told.put("pods", podOf("user", `x${i}`, { ips: [`10.1.1.${i}`] }));
    told.remove("pods", podOf("user", `x${i}`), "10:00:01");
    told.put("deployments", templated("Deployment", "user"));
  }
  assert.is(told.changes, changes);
  assert.is(told.inventory.byName("shop", "user"), known);
});

test.run();
