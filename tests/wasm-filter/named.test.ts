/**
 * What is kept of a request by name, and what never is: a query, a secret, an id that is none.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { type Request, Sidecar, namedIn } from "./sidecar.ts";

const trace = "4bf92f3577b34da6a3ce929d0e0e4736";
const traceparent = `00-${trace}-00f067aa0ba902b7-01`;

/** What is kept of one request, which failed. */
function nameOf(request: Request, sidecar = new Sidecar()) {
  sidecar.request({ status: 500, ...request });
  sidecar.tick();
  const [named] = sidecar.collect().flatMap(namedIn);
  return named!;
}

test("what a request is known by is left out where it is malformed", () => {
  const id = (value: string) => nameOf({ headers: { "x-request-id": value } }).requestId;
  assert.is(id("a".repeat(64)), "a".repeat(64));
  for (const bad of ["a".repeat(65), "two words", "line\nbreak", "caf\u00e9", "nul\0", "\x7f", ""])
    assert.is(id(bad), "");

  const of = (headers: Record<string, string>) => nameOf({ headers }).traceId;
  assert.is(of({ traceparent }), trace);
  assert.is(of({ traceparent: `01-${trace}-00f067aa0ba902b7-01-what-will-come` }), trace);
  const zeros = "0".repeat(32);
  for (const bad of [
    `00-${zeros}-00f067aa0ba902b7-01`,
    `00-${trace}-0000000000000000-01`,
    `ff-${trace}-00f067aa0ba902b7-01`,
    `00-${trace}-00f067aa0ba902b7-01-more`,
    `01-${trace}-00f067aa0ba902b7-01more`,
    `00-${trace.toUpperCase()}-00f067aa0ba902b7-01`,
    `00-${trace.slice(1)}g-00f067aa0ba902b7-01`,
    `00_${trace}-00f067aa0ba902b7-01`,
    `0x-${trace}-00f067aa0ba902b7-01`,
    traceparent.slice(0, -1),
    `${traceparent},${traceparent}`,
    trace,
    "-".repeat(55),
  ]) {
    assert.is(of({ traceparent: bad }), "", bad);
  }
});

test("B3 names the trace where traceparent does not", () => {
  const of = (headers: Record<string, string>) => nameOf({ headers }).traceId;
  assert.is(of({ "x-b3-traceid": trace }), trace);
  assert.is(of({ "x-b3-traceid": "A3CE929D0E0E4736" }), "a3ce929d0e0e4736");
  assert.is(of({ "x-b3-traceid": "0".repeat(16), b3: `${trace}-00f067aa0ba902b7-1` }), trace);
  assert.is(of({ b3: `a3ce929d0e0e4736-00f067aa0ba902b7` }), "a3ce929d0e0e4736");
  assert.is(of({ b3: `${trace}-00f067aa0ba902b7-1-05e3ac9a4f6e3b90` }), trace);
  assert.is(of({ traceparent: "broken", "x-b3-traceid": trace }), trace);
  assert.is(of({ traceparent, "x-b3-traceid": "a3ce929d0e0e4736" }), trace);
  for (const bad of [
    "0",
    "1",
    "d",
    trace,
    `${trace}-`,
    `${trace}-00f067aa0ba902b`,
    `${trace}-00f067aa0ba902b7x`,
    "-",
  ]) {
    assert.is(of({ b3: bad }), "", bad);
  }
  for (const bad of [trace.slice(1), `${trace}0`, "g".repeat(16), ""]) assert.is(of({ "x-b3-traceid": bad }), "", bad);
});

test("a path never brings its query along, however it is written", () => {
  const secret = "card=4111";
  for (const [path, bare] of [
    [`/pay?${secret}`, "/pay"],
    [`/pay?${secret}?x`, "/pay"],
    [`/pay%3F${secret}`, "/pay"],
    [`/pay%3f${secret}`, "/pay"],
    [`/pay%253F${secret}`, "/pay"],
    [`/pay%25253f${secret}`, "/pay"],
    [`/pay#${secret}`, "/pay"],
    [`/pay%23${secret}`, "/pay"],
    [`/pay;${secret}`, "/pay"],
    [`/pay;${secret}/now;v=1?x`, "/pay/now"],
    [`/pay%3B${secret}/now`, "/pay/now"],
    [`/pay%253b${secret}%2Fnow`, "/pay"],
    [`http://shop.example/pay?${secret}`, "/pay"],
    [`http://me:${secret}@shop.example/pay`, "/pay"],
    [`http://me:${secret}@shop.example`, "/"],
    [`http://shop.example?${secret}`, "/"],
    [`?${secret}`, "/"],
    [`;${secret}`, "/"],
    [`#${secret}`, "/"],
    ["*", "*"],
    ["/%", "/%"],
    ["/%2", "/%2"],
    ["/%zz%25", "/%zz%25"],
    ["/caf\u00e9 \x01\x7f", "/caf%C3%A9%20%01%7F"],
    [`/${"x".repeat(300)}?${secret}`, `/${"x".repeat(254)}`],
    [`/${"x".repeat(253)}\u00e9`, `/${"x".repeat(253)}`],
  ] as const) {
    assert.is(nameOf({ path }).path, bare, path);
  }
  assert.is(nameOf({ method: "CONNECT", path: "" }).path, "");
});

test("cutting a path is no loss: its counter's names are whole", () => {
  const sidecar = new Sidecar();
  assert.is(nameOf({ path: `/orders/${"1".repeat(400)}` }, sidecar).path.length, 255);
  assert.equal(sidecar.losses, {});
});

test.run();
