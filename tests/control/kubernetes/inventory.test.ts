import { test } from "uvu";
import * as assert from "uvu/assert";
import { Told, at, node, owner, pod, replicas, service, slice, templated } from "./fixtures.ts";

/** A Deployment with its ReplicaSet. */
function deployment(told: Told, name: string, words: Parameters<typeof templated>[2] = {}): Told {
  told.put("deployments", templated("Deployment", name, words));
  return told.put("replicasets", replicas("ReplicaSet", `${name}-7c9`, owner("Deployment", name)));
}

function podOf(name: string, suffix: string, words: Partial<Parameters<typeof pod>[0]> = {}) {
  return pod({ name: `${name}-7c9-${suffix}`, owner: owner("ReplicaSet", `${name}-7c9`), ...words });
}

test("who stands above a pod", () => {
  const told = new Told();
  deployment(told, "user");
  told.put("replicasets", replicas("ReplicaSet", "canary-55", owner("Rollout", "canary")));
  told.put("replicasets", replicas("ReplicaSet", "alone"));
  told.put("jobs", replicas("Job", "nightly-28", owner("CronJob", "nightly"))).put("jobs", replicas("Job", "once"));
  const cases: [above: ReturnType<typeof owner> | undefined, name: string, id: string, kind: string][] = [
    [owner("ReplicaSet", "user-7c9"), "user-7c9-x", "shop/user", "Deployment"],
    [owner("ReplicaSet", "canary-55"), "canary-55-x", "shop/canary", "Rollout"],
    [owner("ReplicaSet", "alone"), "alone-x", "shop/alone", "ReplicaSet"],
    [owner("Job", "nightly-28"), "nightly-28-x", "shop/nightly", "CronJob"],
    [owner("Job", "once"), "once-x", "shop/once", "Job"],
    [owner("StatefulSet", "db"), "db-0", "shop/db", "StatefulSet"],
    [owner("DaemonSet", "agent"), "agent-x", "shop/agent", "DaemonSet"],
    [owner("CloneSet", "clones"), "clones-x", "shop/clones", "CloneSet"],
    [owner("Node", "worker-1"), "etcd-worker-1", "shop/etcd", "StaticPod"],
    [undefined, "bare", "shop/bare", "Pod"],
  ];
  cases.forEach(([above, name, id, kind], index) => {
    told.put("pods", pod({ name, owner: above, ips: [`10.1.0.${index}`] }));
    const found = told.inventory.byAddress(`10.1.0.${index}`, at("10:00:00"));
    assert.is(found?.id, id);
    assert.is(found?.workloadKind, kind, id);
  });
});

test("a pod that comes before what made it is nobody's until that is known", () => {
  const told = new Told();
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"] }));
  assert.is(told.who("10.1.0.1", "10:00:00"), "unresolved/unknown-owner");
  assert.is(told.inventory.figures.waiting, 1);
  deployment(told, "user");
  assert.is(told.who("10.1.0.1", "10:00:00"), "shop/user");
  assert.is(told.inventory.figures.waiting, 0);
  told.put("pods", podOf("carts", "a", { ips: ["10.1.0.2"] }));
  told.remove("pods", podOf("carts", "a"), "10:00:01");
  assert.is(told.inventory.figures.waiting, 0, "gone before its ReplicaSet came");
});

test("a pod stays what it was when its ReplicaSet goes first", () => {
  const told = deployment(new Told(), "user");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"] }));
  told.remove("deployments", templated("Deployment", "user"), "10:00:01");
  told.remove("replicasets", replicas("ReplicaSet", "user-7c9"), "10:00:01");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], labels: { changed: "yes" } }), "10:00:02");
  assert.is(told.who("10.1.0.1", "10:00:05"), "shop/user");
  assert.equal(
    told.inventory.workloads().map(({ id }) => id),
    ["shop/user"],
  );
  told.remove("pods", podOf("user", "a"), "10:00:06");
  assert.is(told.inventory.workloads().length, 0);
  assert.is(told.who("10.1.0.1", "10:00:03"), "shop/user", "a batch that comes late");
});

test("an address that is given on is each pod's in its time, and in between nobody's", () => {
  const told = deployment(deployment(new Told(), "user"), "carts");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], ready: "09:30:00" }), "09:30:01");
  told.remove("pods", podOf("user", "a"), "10:00:00.400");
  told.put("pods", podOf("carts", "a", { ips: ["10.1.0.1"], ready: "10:00:00" }), "10:00:01.200");
  const cases: [time: string, who: string | undefined][] = [
    ["09:29:57.500", undefined],
    ["09:29:59.000", "shop/user"],
    ["09:59:58.000", "shop/user"],
    // Within the second to which clocks are believed it could be either.
    ["09:59:59.000", "unresolved/address-reused"],
    ["10:00:00.000", "unresolved/address-reused"],
    ["10:00:01.500", "shop/carts"],
    ["11:00:00.000", "shop/carts"],
  ];
  for (const [time, who] of cases) assert.is(told.who("10.1.0.1", time), who, time);
  assert.is(told.inventory.podAt("10.1.0.1:80", at("09:59:00"))?.pod, "shop/user-7c9-a");
  assert.is(told.inventory.podAt("10.1.0.1:80", at("10:01:00"))?.pod, "shop/carts-7c9-a");
  assert.is(told.inventory.byAddress("10.1.0.1", at("09:59:00"), at("10:05:00")), undefined, "a window of an outage");
});

test("an address given on within one workload is the workload's, and no pod's for that while", () => {
  const told = deployment(new Told(), "user");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], ready: "09:30:00" }), "09:30:01");
  told.remove("pods", podOf("user", "a"), "10:00:00");
  told.put("pods", podOf("user", "b", { ips: ["10.1.0.1"], ready: "10:00:00" }), "10:00:01");
  assert.is(told.who("10.1.0.1", "10:00:00"), "shop/user");
  assert.is(told.inventory.podAt("10.1.0.1", at("10:00:00"), at("10:00:01")), undefined);
});

test("a pod that is through has given its address up, though it shows it still", () => {
  const told = new Told();
  told.put("jobs", replicas("Job", "once"));
  const done = pod({
    ...{ name: "once-x", owner: owner("Job", "once"), ips: ["10.1.0.1"], ready: "09:00:00" },
    ...{ phase: "Succeeded", finished: "09:10:00" },
  });
  told.put("pods", done);
  assert.is(told.who("10.1.0.1", "09:05:00"), "shop/once");
  assert.is(told.who("10.1.0.1", "09:59:00"), undefined);
  assert.is(told.inventory.workloads().length, 0, "nothing of it runs");
  // A relist says the same again.
  told.put("pods", done, "10:30:00");
  assert.is(told.who("10.1.0.1", "10:29:59"), undefined);
  const other = deployment(told, "user");
  other.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], ready: "09:20:00" }));
  assert.is(told.who("10.1.0.1", "09:30:00"), "shop/user");
  told.remove("pods", done, "11:00:00");
  assert.is(told.who("10.1.0.1", "11:00:00"), "shop/user", "the end of the old pod is not that of the new one");
});

test("pods that began before control: by what they state, and by what is left where they were started again", () => {
  const told = deployment(new Told(), "user");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], ready: "09:00:00" }));
  assert.is(told.who("10.1.0.1", "08:59:57"), undefined);
  assert.is(told.who("10.1.0.1", "09:00:00"), "shop/user");
  told.put("pods", podOf("user", "b", { ips: ["10.1.0.2"], started: "09:15:00" }));
  assert.is(told.who("10.1.0.2", "09:15:00"), "shop/user");
  assert.is(told.who("10.1.0.2", "09:13:00"), undefined);
});

test("a pod whose sandbox was made anew moves to its new address when that is seen", () => {
  const told = deployment(new Told(), "user");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"], ready: "09:00:00" }));
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.2"], ready: "09:00:00" }), "10:30:00");
  assert.is(told.who("10.1.0.1", "10:28:00"), "shop/user");
  assert.is(told.who("10.1.0.2", "10:28:00"), undefined);
  assert.is(told.who("10.1.0.2", "10:30:00"), "shop/user");
  assert.is(told.who("10.1.0.1", "10:32:00"), undefined);
});

test("both addresses of a dual-stack pod, in any spelling", () => {
  const told = deployment(new Told(), "user");
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1", "FD00:0::7"] }));
  for (const address of ["10.1.0.1:80", "::ffff:10.1.0.1", "fd00::7", "[fd00::7]:443"]) {
    assert.is(told.who(address, "10:00:00"), "shop/user", address);
  }
});

test("a node's address is nobody's, but for a port that a pod holds on it", () => {
  const told = new Told();
  told.put("nodes", node("worker-1", ["192.0.2.1", "fd00::1"], ["10.1.0.0/24"]));
  const ports = [{ name: "metrics", ports: [{ containerPort: 9100, hostPort: 9100 }] }];
  const agent = { owner: owner("DaemonSet", "agent"), host: "192.0.2.1", node: "worker-1", containers: ports };
  told.put("pods", pod({ name: "agent-x", hostNetwork: true, ips: ["192.0.2.1"], ...agent }));
  assert.is(told.who("192.0.2.1", "10:00:00"), "unresolved/node-address");
  assert.is(told.who("192.0.2.1:10250", "10:00:00"), "unresolved/node-address");
  assert.is(told.who("192.0.2.1:9100", "10:00:00"), "shop/agent");
  assert.is(told.inventory.podAt("192.0.2.1:9100", at("10:00:00"))?.pod, "shop/agent-x");
  assert.ok(told.inventory.isInside("192.0.2.1"), "a public address, and a node's");
  told.put("nodes", node("worker-2", ["192.0.2.1"]));
  told.remove("nodes", node("worker-1", []), "10:01:00");
  assert.is(told.who("192.0.2.1", "10:02:00"), "unresolved/node-address", "two said that it is theirs");
  told.remove("nodes", node("worker-2", []), "10:01:00");
  told.remove("pods", pod({ name: "agent-x" }), "10:01:00");
  assert.is(told.who("192.0.2.1", "10:02:00"), undefined);
  assert.is(told.who("192.0.2.1:9100", "10:00:30"), "shop/agent", "a batch that comes late");
});

test("an address out of a node's range that no pod held then says so", () => {
  const told = new Told().put("nodes", node("worker-1", ["192.0.2.1"], ["198.51.100.0/24", "nonsense"]));
  assert.is(told.who("198.51.100.7", "10:00:00"), "unresolved/pod-range");
  assert.ok(told.inventory.isInside("198.51.100.7"));
  assert.not(told.inventory.isInside("198.51.101.7"));
});

test("services by their names and addresses, as long as one workload stands behind them", () => {
  const told = deployment(deployment(new Told(), "user"), "carts");
  told.put("services", service("user", { clusterIPs: ["10.96.0.1", "fd01::1"], externalIPs: ["203.0.113.9"] }));
  told.put("services", service("both", { clusterIP: "10.96.0.2" }));
  told.put("services", service("empty", { clusterIP: "10.96.0.3", selector: { app: "nobody" } }));
  told.put("endpointslices", slice("user-1", "user", [{ address: "10.1.0.1", pod: "user-7c9-a" }]));
  told.put(
    "endpointslices",
    slice("both-1", "both", [
      { address: "10.1.0.1", pod: "user-7c9-a" },
      { address: "10.1.0.2", pod: "carts-7c9-a" },
    ]),
  );
  // The pods come after the slices that name them.
  told.put("pods", podOf("user", "a", { ips: ["10.1.0.1"] })).put("pods", podOf("carts", "a", { ips: ["10.1.0.2"] }));
  for (const host of ["user", "user.shop", "USER.shop.svc:80", "user.shop.svc.cluster.local.", "user.shop.svc.corp"]) {
    assert.is(told.host(host), "shop/user", host);
  }
  for (const host of ["user.other", "nobody", "user.shop.example.com", "both.shop", "empty.shop.svc", ""]) {
    assert.is(told.host(host), undefined, host);
  }
  assert.is(told.who("10.96.0.1:80", "10:00:00"), "shop/user");
  assert.is(told.who("[fd01::1]:80", "10:00:00"), "shop/user");
  assert.is(told.who("203.0.113.9", "10:00:00"), "shop/user");
  assert.is(told.who("10.96.0.2", "10:00:00"), "unresolved/service/both.shop");
  assert.is(told.who("10.96.0.3", "10:00:00"), "unresolved/service/empty.shop");
  assert.match(told.inventory.whyNobody("10.96.0.3", at("10:00:00"))?.reason ?? "", /no workload is known/);
  told.put("services", service("user", { clusterIP: "None" }, "other"));
  assert.is(told.host("user"), undefined, "two namespaces have one");
  told.remove("services", service("user"), "10:00:00");
  assert.is(told.who("10.96.0.1", "10:00:00"), undefined);
  assert.is(told.inventory.byName("shop", "user")?.service, "both", "the only one left");
});

test("a service that is found before its slices, after them, and one that is made anew", () => {
  const told = deployment(new Told(), "user").put("pods", podOf("user", "a", { ips: ["10.1.0.1"] }));
  const members = slice("api-1", "api", [{ address: "10.1.0.1", pod: "user-7c9-a" }]);
  told.put("endpointslices", members).put("services", service("api", { clusterIP: "10.96.0.1" }));
  assert.is(told.host("api.shop"), "shop/user");
  const anew = { ...service("api", { clusterIP: "10.96.0.2" }) };
  told.put("services", { ...anew, metadata: { ...anew.metadata, uid: "another" } });
  told.remove("services", service("api"), "10:00:00");
  assert.is(told.host("api.shop"), "shop/user");
  assert.is(told.who("10.96.0.2", "10:00:00"), "shop/user");
  assert.is(told.inventory.byName("shop", "user")?.service, "api");
});

test("a service without endpoints is whose it was last, else whose pods its selector would pick", () => {
  const told = deployment(new Told(), "user", { labels: { app: "user", track: "stable" } });
  told.put("services", service("user", { clusterIP: "10.96.0.1", selector: { app: "user" } }));
  assert.is(told.host("user.shop"), "shop/user", "scaled to nothing when control came");
  deployment(told, "carts", { labels: { app: "carts" } });
  told.put("services", service("shop", { selector: { app: "carts" } }));
  assert.is(told.host("shop.shop"), "shop/carts", "the template came first");
  told.put("pods", podOf("carts", "a", { ips: ["10.1.0.2"] }));
  told.put("endpointslices", slice("user-1", "user", [{ address: "10.1.0.2", pod: "carts-7c9-a" }]));
  assert.is(told.host("user.shop"), "shop/carts", "what endpoints say counts");
  told.put("endpointslices", slice("user-1", "user", []));
  assert.is(told.host("user.shop"), "shop/carts", "nobody answers, and it is known who should");
  told.remove("deployments", templated("Deployment", "carts"), "10:00:00");
  told.remove("pods", podOf("carts", "a"), "10:00:00");
  assert.is(told.host("user.shop"), undefined, "there is nobody left who could");
});

test("headless services by their own names and those of their pods", () => {
  const told = new Told().put("statefulsets", templated("StatefulSet", "db"));
  told.put("services", service("db", { clusterIP: "None", clusterIPs: ["None"] }));
  told.put("pods", pod({ name: "db-0", owner: owner("StatefulSet", "db"), ips: ["10.1.0.1"] }));
  told.put("endpointslices", slice("db-1", "db", [{ address: "10.1.0.1", pod: "db-0" }]));
  for (const host of ["db.shop.svc", "db-0.db.shop.svc.cluster.local"]) assert.is(told.host(host), "shop/db", host);
});

test("an ExternalName is the host outside, or the service, that it names", () => {
  const told = deployment(new Told(), "user").put("pods", podOf("user", "a", { ips: ["10.1.0.1"] }));
  told
    .put("services", service("user"))
    .put("endpointslices", slice("user-1", "user", [{ address: "10.1.0.1", pod: "user-7c9-a" }]));
  const named = (name: string, externalName: string) =>
    told.put("services", service(name, { type: "ExternalName", externalName }));
  named("payments", "API.Stripe.com").put("services", service("other", { type: "ExternalName" }));
  named("alias", "user.shop.svc.cluster.local");
  named("a", "b.shop.svc");
  named("b", "a.shop.svc");
  assert.is(told.host("payments.shop"), "external/api.stripe.com");
  assert.is(told.host("alias.shop"), "shop/user");
  assert.is(told.host("a.shop.svc"), undefined, "a circle");
});

test("addresses that somebody wrote down for a service are a host outside of its name", () => {
  const told = new Told().put("services", service("legacy"));
  told.put("endpointslices", slice("legacy-1", "legacy", [{ address: "10.200.0.9" }]));
  assert.is(told.who("10.200.0.9:5432", "10:00:00"), "external/legacy.shop");
  told.put("endpointslices", slice("legacy-1", "legacy", []));
  assert.is(told.who("10.200.0.9", "10:00:00"), undefined);
});

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
