import { test } from "uvu";
import * as assert from "uvu/assert";
import { rulesOfDocument } from "../../../control/routes/openapi.ts";
import { RuleSet } from "../../../control/routes/rule-set.ts";

const PETS = `
openapi: 3.1.0
info: { title: Pets, version: 1.0.0 }
servers: [{ url: "https://{host}/{base}/", variables: { host: { default: pets.example }, base: { default: api/v2 } } }]
paths:
  /pets/{petId}: { get: {} }
  /pets/findByStatus: { get: {} }
  /pets: { get: {}, post: {} }
  /pets/{petId}/photos/{photo-id}.jpg: { get: {} }
  /pets/{petId}/{kind}: { get: {} }
  /pets/{name}/photos: { get: {} }
  /status: { servers: [{ url: / }], get: {} }
  x-note: {}
`;

test("paths are rules below the server's path, parameters by their names, and last what no parameter would take", () => {
  const { rules, problems } = rulesOfDocument(PETS);
  assert.equal(problems, []);
  assert.equal(rules, [
    "/api/v2/pets/findByStatus",
    "/api/v2/pets/{petId}",
    "/api/v2/pets/{name}/photos",
    "/api/v2/pets/{petId}/photos/{photo-id.jpg}",
    "/api/v2/pets/{petId}/{kind}",
    "/api/v2/pets",
    "/status",
  ]);
  const set = new RuleSet(rules);
  assert.is(set.match("GET", "/api/v2/pets/findByStatus"), "/api/v2/pets/findByStatus");
  assert.is(set.match("DELETE", "/api/v2/pets/rex"), "/api/v2/pets/{petId}");
  assert.is(set.match("GET", "/api/v2/pets/rex/photos"), "/api/v2/pets/{name}/photos");
  assert.is(set.match("GET", "/api/v2/pets/rex/toys"), "/api/v2/pets/{petId}/{kind}");
});

test("Swagger 2 has its base path; JSON is read as well", () => {
  const document = { swagger: "2.0", basePath: "/v1", paths: { "/orders/{id}": { get: {} }, "/": null } };
  assert.equal(rulesOfDocument(JSON.stringify(document)).rules, ["/v1/orders/{id}", "/v1"]);
});

test("without servers paths are as they stand; several servers make several", () => {
  assert.equal(rulesOfDocument('openapi: "3.0.3"\npaths: { /a: {} }').rules, ["/a"]);
  const two =
    'openapi: "3.0.3"\nservers: [{ url: /x }, { url: "http://h:1/y" }, { url: "//h2/x/" }]\npaths: { /a: {} }';
  assert.equal(rulesOfDocument(two).rules, ["/x/a", "/y/a"]);
});

test("paths that cannot be rules are named, the others count", () => {
  const paths = { "/good": {}, "/a b": {}, "/all/*": {}, [`/${"x".repeat(250)}`]: {} };
  const { rules, problems } = rulesOfDocument(JSON.stringify({ openapi: "3.0.0", paths }));
  assert.equal(rules, ["/good"]);
  assert.is(problems.length, 3);
  assert.match(problems.join(), /\/a b holds characters.*\/all\/\* holds.*more than 200 bytes/);
});

test("what is no document is refused with what is wrong", () => {
  for (const [text, why] of [
    ["{", /JSON/],
    ["a: [", /./],
    ["[]", /expected object/i],
    ["paths: {}", /neither "openapi" nor "swagger"/],
    ["openapi: 4.0.0\npaths: {}", /openapi: must be "3\.x"/],
    ['swagger: "1.2"\npaths: {}', /swagger: must be "2\.0"/],
    ["openapi: 3.0.0", /paths: must be there/],
    [
      `openapi: 3.0.0\npaths: {${Array.from({ length: 2_001 }, (_, at) => `/p${at}: {}`).join(",")}}`,
      /2001 are too many/,
    ],
    [`openapi: 3.0.0\npaths: {}\nx: ${"x".repeat(1 << 20)}`, /bytes of YAML are too many.*write it as JSON/],
  ] as const) {
    assert.throws(() => rulesOfDocument(text), why, text.slice(0, 40));
  }
});

test.run();
