import { test } from "uvu";
import * as assert from "uvu/assert";
import { edgeRouter } from "../../demo/shop/services/edge-router.ts";
import { ScriptedSidecar, partsBehind } from "./scripted-sidecar.ts";

test("a request and its answer pass through as they are", async () => {
  const sidecar = await ScriptedSidecar.start(() => ({
    status: 406,
    json: { message: "declined" },
    headers: { "set-cookie": ["a=1; Path=/", "b=2"], "x-envoy-upstream-service-time": "3", "x-own": "kept" },
  }));
  const { app } = edgeRouter(sidecar.partsFor("edge-router"));
  const answer = await app.request("/orders?x=%20y", {
    method: "POST",
    body: '{"a":1}',
    headers: {
      cookie: "md.sid=abc",
      "content-length": "7",
      "content-type": "application/json",
      te: "trailers",
      "x-envoy-attempt-count": "1",
    },
  });

  assert.equal(sidecar.lines, ["POST front-end /orders?x=%20y"]);
  const [request] = sidecar.seen;
  assert.is(request?.body, '{"a":1}');
  assert.is(request?.headers.cookie, "md.sid=abc");
  assert.is(request?.headers["content-type"], "application/json");
  assert.is(request?.headers.te, undefined);
  assert.is(request?.headers["x-envoy-attempt-count"], undefined);

  assert.is(answer.status, 406);
  assert.equal(await answer.json(), { message: "declined" });
  assert.equal(answer.headers.getSetCookie(), ["a=1; Path=/", "b=2"]);
  assert.is(answer.headers.get("x-own"), "kept");
  assert.is(answer.headers.get("x-envoy-upstream-service-time"), null);
  await sidecar.stop();
});

test("a request without a body has none, and an empty answer stays empty", async () => {
  const sidecar = await ScriptedSidecar.start(() => ({ status: 204 }));
  const { app } = edgeRouter(sidecar.partsFor("edge-router"));
  const answer = await app.request("/cart", { method: "DELETE" });
  assert.is(answer.status, 204);
  assert.is(sidecar.seen[0]?.headers["content-length"], undefined);
  assert.is(sidecar.seen[0]?.headers["transfer-encoding"], undefined);
  await sidecar.stop();
});

test("a front end that cannot be reached is a 502", async () => {
  const sidecar = await ScriptedSidecar.start(() => ({}));
  const { port } = sidecar;
  await sidecar.stop();
  const { app } = edgeRouter(partsBehind(port, "edge-router"));
  assert.is((await app.request("/")).status, 502);
});

test.run();
