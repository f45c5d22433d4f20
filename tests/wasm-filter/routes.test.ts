import { test } from "uvu";
import * as assert from "uvu/assert";

import { Sidecar } from "./sidecar.ts";

/** The route under which a request was counted. */
function routeOf(path: string, { method = "GET", contentType = "", routes = [] as string[] } = {}): string {
  const sidecar = new Sidecar({ side: "inbound", routes });
  sidecar.request({ path, method, contentType });
  sidecar.tick();
  const [batch] = sidecar.collect();
  assert.ok(batch, `${path} was not counted`);
  assert.is(batch.counters.length, 1);
  return batch.strings[batch.counters[0]!.route]!;
}

/** Path -> template, or the same where it is a name throughout. */
const shop: Record<string, string> = {
  "/": "/",
  "/customers/57a98d98e4b00679b4a830b2/cards": "/customers/{id}/cards",
  "/customers/57a98d98e4b00679b4a830b2/addresses": "/customers/{id}/addresses",
  "/cards/57a98d98e4b00679b4a830ae": "/cards/{id}",
  "/carts/579f21ae98684924944651bf/items": "/carts/{id}/items",
  "/carts/579f21ae98684924944651bf/items/03fef6ac-1896-4ce8-bd69-b798f85c6e0b": "/carts/{id}/items/{id}",
  "/carts/AaT1ZSqPD7oGKmI2_-R3qVdVYzHJbr2U/merge?sessionId=1": "/carts/{id}/merge",
  "/catalogue": "/catalogue",
  "/catalogue/size?tags=": "/catalogue/size",
  "/catalogue/03fef6ac-1896-4ce8-bd69-b798f85c6e0b": "/catalogue/{id}",
  "/catalogue/images/weave1.jpg": "/catalogue/images/weave1.jpg",
  "/catalogue/images/bit_of_leg_1.jpeg": "/catalogue/images/bit_of_leg_1.jpeg",
  "/detail.html?id=03fef6ac-1896-4ce8-bd69-b798f85c6e0b": "/detail.html",
  "/orders/search/customerId?sort=date&custId=57a98d98e4b00679b4a830b2": "/orders/search/customerId",
  "/paymentAuth": "/paymentAuth",
  "/basket.html": "/basket.html",
};

const apis: Record<string, string> = {
  "/repos/torvalds/linux/commits/1da177e4c3f41524e886b7f1b8a0c1fc7321cac2": "/repos/torvalds/linux/commits/{id}",
  "/repos/a/b/commits/1da177e": "/repos/a/b/commits/1da177e",
  "/repos/octo/hello/issues/1347/comments": "/repos/octo/hello/issues/{id}/comments",
  "/v1/customers/cus_NffrFeUfNV2Hib/sources": "/v1/customers/{id}/sources",
  "/v1/charges/ch_3MmlLrLkdIwHu7ix0snN0B15/refunds": "/v1/charges/{id}/refunds",
  "/2010-04-01/Accounts/AC5ef8732a3c49700934481addd5ce1659/Messages.json": "/{id}/Accounts/{id}/Messages.json",
  "/1.1/statuses/show/210462857140252672.json": "/1.1/statuses/show/{id}.json",
  "/2.0/repositories/team/repo": "/2.0/repositories/team/repo",
  "/youtube/v3/videos/dQw4w9WgXcQ": "/youtube/v3/videos/{id}",
  "/v1/projects/123456:cancel": "/v1/projects/{id}:cancel",
  "/v1/projects/my-project/locations/us-central1": "/v1/projects/my-project/locations/us-central1",
  "/api/v2beta1/oauth2/token": "/api/v2beta1/oauth2/token",
  "/api/conversations/T1234ABCD/history": "/api/conversations/{id}/history",
  "/users/01HZX3V9K2W8Q4T6Y7R5N1M0PB": "/users/{id}",
  "/users/bob@example.com/inbox": "/users/{id}/inbox",
  "/users/bob%40example.com/inbox": "/users/{id}/inbox",
  "/@angular/core": "/@angular/core",
  "/reports/2024-01-31": "/reports/{id}",
  "/reports/2024-01-31T12:30:00Z/rows": "/reports/{id}/rows",
  "/hosts/192.168.0.1": "/hosts/{id}",
  "/orders/order-12345": "/orders/{id}",
  "/orders/-1": "/orders/{id}",
  "/blog/how-to-write-a-blog-post": "/blog/how-to-write-a-blog-post",
  "/index2.html": "/index2.html",
  "/images/12345.png": "/images/{id}.png",
  "/static/app.3f2a1b9c.js": "/static/{id}.js",
  "/static/bootstrap.min.css": "/static/bootstrap.min.css",
  "/hash/sha256sum": "/hash/sha256sum",
  "/api/getOauth2TokenForUser": "/api/getOauth2TokenForUser",
  "/api/x509certificate": "/api/x509certificate",
  "/verify/eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U":
    "/verify/{id}",
  "/search/red%20socks": "/search/{id}",
  "/tags/sm%C3%B8rrebr%C3%B8d": "/tags/{id}",
};

const forms: Record<string, string> = {
  "//orders///7//": "/orders/{id}",
  "/orders/": "/orders",
  "/orders/7?a=/b/c#d": "/orders/{id}",
  "/%7Ealice/%6Frders": "/~alice/orders",
  "/a%2fb/c": "/{id}/c",
  "/login;jsessionid=0A1B2C": "/login",
  "http://shop.example/orders/7?x": "/orders/{id}",
  "https://shop.example": "/",
  "http://shop.example?x=1": "/",
  "?x": "/",
  "*": "*",
  "orders/7": "/orders/{id}",
  "/100%": "/{id}",
  "/%zz": "/{id}",
  "/.well-known/openid-configuration": "/.well-known/openid-configuration",
};

for (const [name, table] of Object.entries({ shop, apis, forms })) {
  test(`templates: ${name}`, () => {
    for (const [path, expected] of Object.entries(table)) assert.is(routeOf(path), expected, path);
  });
}

test("an RPC's path is its own template", () => {
  const contentType = "application/grpc+proto";
  assert.is(routeOf("/shop.v1.Orders2/Get12345678", { contentType }), "/shop.v1.Orders2/Get12345678");
  const long = `/envoy.service.discovery.v3.AggregatedDiscoveryServiceWithAVeryLongNameIndeed/StreamAggregatedResources`;
  assert.is(routeOf(long, { contentType }), long);
  assert.is(routeOf("/a/b/12345", { contentType }), "/a/b/{id}");
});

test("rules go before shapes, in their order, with their methods", () => {
  const routes = ["/customers/{customer}/cards", "GET /static/*", "/assets/**", "/catalogue/images/{file}", "/v/{a}/x"];
  const cases: [string, string, string][] = [
    ["GET", "/customers/alice/cards", "/customers/{customer}/cards"],
    ["GET", "/customers/alice/cards/", "/customers/{customer}/cards"],
    ["GET", "/customers/alice/cards/1", "/customers/alice/cards/{id}"],
    ["GET", "/static/app.js", "/static/*"],
    ["POST", "/static/app.js", "/static/app.js"],
    ["GET", "/static/a/b", "/static/a/b"],
    ["PUT", "/assets/a/b/c/1/2/3/4/5/6/7/8/9/10/11/12/13", "/assets/**"],
    ["GET", "/assets", "/assets/**"],
    ["GET", "/catalogue/images/weave1.jpg", "/catalogue/images/{file}"],
  ];
  for (const [method, path, expected] of cases) assert.is(routeOf(path, { method, routes }), expected, path);
});

test("rules that are none are left out and said so", () => {
  const sidecar = new Sidecar({
    side: "inbound",
    routes: ["no-slash", "FETCH /x", "", "/ok/{x}", `/${"x".repeat(300)}`],
  });
  sidecar.request({ path: "/ok/name" });
  sidecar.settle();
  assert.is([...sidecar.totals.keys()][0], "in 10.0.0.1 http GET /ok/{x} success 200");
  assert.equal(sidecar.losses, { 5: 4 });
});

test("long and deep paths are bounded, and the cut is counted", () => {
  for (const path of [
    `/${"a/".repeat(5000)}`,
    "/abcdefgh_abcdefgh_abcdefgh_abcdefgh_".repeat(60),
    `/${"%00".repeat(9000)}`,
  ]) {
    const sidecar = new Sidecar({ side: "inbound" });
    sidecar.request({ path });
    sidecar.settle();
    const [route = ""] = [...sidecar.totals.keys()];
    assert.ok(route.length < 300, `${route.length} characters`);
    assert.is(sidecar.losses[5] ?? 0, path.includes("%") ? 0 : 1);
  }
});

test("whatever bytes come, a route is printable ASCII", () => {
  const sidecar = new Sidecar({ side: "inbound", max_endpoints: 1000 });
  let seed = 7;
  const random = (below: number) => (seed = (Math.imul(seed, 1103515245) + 12345) >>> 0) % below;
  for (let i = 0; i < 3000; i++) {
    const path = Buffer.from(Array.from({ length: random(40) }, () => (random(3) ? random(256) : 0x2f))).toString(
      "latin1",
    );
    sidecar.request({ path: `/${path}` });
    if (i % 500 === 0) sidecar.settle();
  }
  sidecar.settle();
  for (const { strings } of sidecar.received.values()) {
    for (const string of strings) assert.match(string, /^[\x21-\x7e]*$/);
  }
});

test.run();
