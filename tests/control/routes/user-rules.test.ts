import { test } from "uvu";
import * as assert from "uvu/assert";
import { UserRules } from "../../../control/routes/user-rules.ts";

let annotations = new Map<string, string>();
let openapi = new Map<string, readonly string[]>();
let refused: string[] = [];

test.before.each(() => {
  annotations = new Map();
  openapi = new Map();
  refused = [];
});

function rules(settings: readonly string[] = []): UserRules {
  return new UserRules({
    settings,
    annotations: () => annotations,
    openapi: () => openapi,
    refused: ({ message }) => void refused.push(message),
  });
}

test("a service's annotation goes before its document, and that before the rules for all", () => {
  annotations.set("shop/user", "/users/me, GET /users/{a}\n# a comment\n\n/x/**");
  openapi.set("shop/user", ["/users/{b}", "/b/{b}"]);
  const user = rules(["/users/{c}", "/b/{c}", "/c/{c}"]);
  const of = (server: string, method: string, route: string): string | undefined =>
    user.of(server).match(method, route);
  assert.is(of("shop/user", "GET", "/users/me"), "/users/me");
  assert.is(of("shop/user", "GET", "/users/ann"), "/users/{a}");
  assert.is(of("shop/user", "PUT", "/users/ann"), "/users/{b}");
  assert.is(of("shop/user", "GET", "/b/1"), "/b/{b}");
  assert.is(of("shop/user", "GET", "/c/1"), "/c/{c}");
  assert.is(of("shop/other", "GET", "/users/me"), "/users/{c}");
  assert.equal(
    user.own("shop/user").map(({ rule, source }) => `${source} ${rule}`),
    [
      ...["annotation /users/me", "annotation GET /users/{a}", "annotation /x/**"],
      ...["openapi /users/{b}", "openapi /b/{b}"],
    ],
  );
  assert.equal(user.own("shop/other"), []);
});

test("what changes is taken over, and said; what is the same is not", () => {
  annotations.set("a/b", "/x/{y}");
  const user = rules();
  assert.is(user.refresh(), false);
  annotations.set("a/c", "/z/{y}");
  assert.is(user.refresh(), true);
  assert.is(user.refresh(), false);
  annotations.delete("a/b");
  assert.is(user.refresh(), true);
  assert.is(user.of("a/b").match("GET", "/x/1"), undefined);
});

test("a rule that is none is named once, the others count", () => {
  annotations.set("shop/user", "users/{id}, /good/{id}, get /bad");
  const user = rules();
  user.refresh();
  assert.is(refused.length, 1);
  assert.match(refused[0]!, /annotation sidelight\.dev\/routes of shop\/user: "users\/\{id\}" is no rule \(2 of 3\)/);
  assert.is(user.of("shop/user").match("GET", "/good/1"), "/good/{id}");
  annotations.set("shop/user", Array.from({ length: 200 }, (_, at) => `/r${at}/{id}`).join(","));
  user.refresh();
  assert.match(refused[1]!, /200 rules are too many; the first 128 count/);
  assert.is(user.own("shop/user").length, 128);
});

test.run();
