import { test } from "uvu";
import * as assert from "uvu/assert";
import { Told, at, deployment, node, owner, pod, podOf, replicas, templated } from "./fixtures.ts";

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

test.run();
