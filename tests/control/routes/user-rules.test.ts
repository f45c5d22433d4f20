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

test("a service's annotation goes before the rules for all, and those before its document", () => {
  annotations.set("shop/user", "/users/me, GET /users/{a}\n# a comment\n\n/x/**");
  openapi.set("shop/user", ["/users/{b}", "/d/{b}"]);
  const user = rules(["PUT /users/{c}", "/c/{c}"]);
  const of = (server: string, method: string, route: string): string | undefined =>
    user.of(server).match(method, route);
  assert.is(of("shop/user", "GET", "/users/me"), "/users/me");
  assert.is(of("shop/user", "GET", "/users/ann"), "/users/{a}");
  assert.is(of("shop/user", "PUT", "/users/ann"), "/users/{c}");
  assert.is(of("shop/user", "POST", "/users/ann"), "/users/{b}");
  assert.is(of("shop/user", "GET", "/d/1"), "/d/{b}");
  assert.is(of("shop/user", "GET", "/c/1"), "/c/{c}");
  assert.is(of("shop/other", "PUT", "/users/me"), "/users/{c}");
  assert.equal(
    user.list("shop/user").map(({ rule, source }) => `${source} ${rule}`),
    [
      ...["annotation /users/me", "annotation GET /users/{a}", "annotation /x/**"],
      ...["settings PUT /users/{c}", "settings /c/{c}", "openapi /users/{b}", "openapi /d/{b}"],
    ],
  );
  assert.equal(
    user.taught("shop/user").slice(3),
    ["PUT /users/{c}", "/users/{b}", "/d/{b}"],
    "a reporter asks the rules for all last; what the document would say before them has to come first",
  );
  assert.equal(user.taught("shop/other"), []);
});

test("what changes is taken over, and said; what is the same is not", () => {
  annotations.set("a/b", "/x/{y}");
  const user = rules();
  assert.equal(user.refresh(), []);
  annotations.set("a/c", "/z/{y}");
  assert.equal(user.refresh(), ["a/c"]);
  assert.equal(user.refresh(), []);
  annotations.delete("a/b");
  assert.equal(user.refresh(), ["a/b"]);
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
  assert.is(user.taught("shop/user").length, 128);
});

test.run();
