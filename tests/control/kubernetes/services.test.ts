import { test } from "uvu";
import * as assert from "uvu/assert";
import { Told, at, deployment, owner, pod, podOf, service, slice, templated } from "./fixtures.ts";

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

test.run();
