import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Observation } from "../../../control/identity/observation.ts";
import { RouteBook } from "../../../control/routes/route-book.ts";
import { RuleSet } from "../../../control/routes/rule-set.ts";
import { START_MS, exemplar, observation, windowOf } from "../world/fixtures.ts";

function bookOf(rules: readonly string[] = []): { book: RouteBook; changes: () => number } {
  let changes = 0;
  const ruleSet = new RuleSet(rules);
  const book = new RouteBook({ rulesOf: () => ruleSet, onChange: () => void changes++ });
  return { book, changes: () => changes };
}

/** Lets a book see so many names at a place, one in ten seconds. */
function feed(book: RouteBook, names: number, differing: Partial<Observation> = {}): readonly string[] {
  const changed = new Set<string>();
  for (let at = 0; at < names; at++) {
    const route = `/users/${[...String(at)].map((digit) => "abcdefghij"[+digit]).join("")}`;
    book.learn(book.template(windowOf([observation({ route, ...differing })], { startMs: START_MS + at * 10_000 })));
    for (const server of book.decide(START_MS)) changed.add(server);
  }
  return [...changed];
}

test("names of one server are learned; windows of that server, and of no other, have {id} from then on", () => {
  const { book, changes } = bookOf();
  assert.equal(feed(book, 150), ["b"]);
  assert.is(changes(), 1);
  const window = windowOf(
    [
      observation({ route: "/users/ann", count: 2, buckets: [7, 2] }),
      observation({ route: "/users/bob", count: 3, buckets: [5, 1, 7, 1] }),
      observation({ route: "/users/bob", server: "c" }),
      observation({ route: "/users/bob", protocol: "grpc", method: "" }),
    ],
    { exemplars: [exemplar({ route: "/users/ann", path: "/users/ann" })] },
  );
  const now = book.template(window);
  assert.equal(
    now.observations.map(({ server, protocol, route, count, buckets }) => [server, protocol, route, count, buckets]),
    [
      ["b", "http", "/users/{id}", 5, [5, 1, 7, 3]],
      ["c", "http", "/users/bob", 1, []],
      ["b", "grpc", "/users/bob", 1, []],
    ],
  );
  assert.equal(
    now.exemplars.map(({ route, path }) => [route, path]),
    [["/users/{id}", "/users/ann"]],
  );
  assert.is(book.template(now), now, "again it is the same");
});

test("what was refused or never arrived says nothing, nor does what could not be resolved", () => {
  const { book } = bookOf();
  assert.equal(feed(book, 400, { outcome: "clientError", status: 404 }), []);
  assert.equal(feed(book, 400, { outcome: "notReached", status: 503 }), []);
  assert.equal(feed(book, 400, { server: "unresolved/unknown-address" }), []);
  assert.equal(feed(book, 400, { server: "external/~other" }), []);
  assert.equal(feed(book, 400, { protocol: "grpc", method: "" }), []);
  assert.equal(feed(book, 200, { server: "external/api.example" }), ["external/api.example"]);
});

test("the user's rules go first, and nothing is learned from what they name", () => {
  const { book } = bookOf(["GET /users/me", "/users/{user}"]);
  assert.equal(feed(book, 400), []);
  const key = { server: "b", protocol: "http", method: "GET" } as const;
  assert.is(book.routeOf({ ...key, route: "/users/me" }), "/users/me");
  assert.is(book.routeOf({ ...key, method: "PUT", route: "/users/me" }), "/users/{user}");
  assert.is(book.routeOf({ ...key, route: "/users/ann" }), "/users/{user}");
});

test("a rule that comes later wins over what was learned", () => {
  let rules = RuleSet.NONE;
  const book = new RouteBook({ rulesOf: () => rules, onChange: () => undefined });
  feed(book, 150);
  const key = { server: "b", protocol: "http", method: "GET" } as const;
  assert.is(book.routeOf({ ...key, route: "/users/me" }), "/users/{id}");
  rules = new RuleSet(["/users/me", "/users/{user}"]);
  book.rulesChanged();
  assert.is(book.routeOf({ ...key, route: "/users/me" }), "/users/me");
  assert.is(book.routeOf({ ...key, route: "/users/{id}" }), "/users/{user}", "what was counted before follows");
});

test("rules match as the filter matches, and what a rule has made stays", () => {
  const rules = new RuleSet(["/a/*", "GET /static/*", "/a/**", "/c/{id}/cards", "/v/{a}/x", "/t/{a}/", "/"]);
  const cases: [string, string, string | undefined][] = [
    ["GET", "/a/b", "/a/*"],
    ["GET", "/a/*", "/a/*"],
    ["GET", "/a/b/c", "/a/**"],
    ["GET", "/a/**", "/a/**"],
    ["GET", "/a", "/a/**"],
    ["GET", "/static/app.js", "/static/*"],
    ["POST", "/static/app.js", undefined],
    ["GET", "/c/{id}/cards", "/c/{id}/cards"],
    ["GET", "/c/alice/cards", "/c/{id}/cards"],
    ["GET", "/c/alice/cards/7", undefined],
    ["GET", "/v/1/x/**", undefined],
    ["GET", "/t/1", "/t/{a}/"],
    ["GET", "/", "/"],
    ["GET", "~other", undefined],
    ["OPTIONS", "*", undefined],
  ];
  for (const [method, route, template] of cases) {
    assert.is(rules.match(method, route), template, `${method} ${route}`);
    if (template !== undefined) assert.is(rules.match(method, template), template, `${template} again`);
  }
});

test("forgetting is told, and kept", () => {
  const { book, changes } = bookOf();
  feed(book, 150);
  assert.is(book.forget("b", "/users/{id}"), true);
  assert.is(book.forget("b", "/users/{id}"), false);
  assert.is(book.forget("nobody", "/users/{id}"), false);
  assert.is(changes(), 2);
  assert.equal(book.content().get("b"), { places: [], forgotten: ["/users/{id}"] });
  assert.equal(feed(book, 400), []);
});

test.run();
