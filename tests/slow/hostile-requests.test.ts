/**
 * 100,000 requests whose path, method, host and headers were written by somebody who means harm, up to 64 KB each: none
 * traps the filter or makes it grow, each is counted once, endpoints stay bounded, and what is reported is text.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LossKind, Side } from "#proto/ingest.ts";
import { generator } from "../wasm-filter/random.ts";
import { type Request, requestContext, Sidecar, totalCount } from "../wasm-filter/sidecar.ts";

const SEEDS = 10;
const REQUESTS_A_SEED = 10_000;
const LONGEST = 64 * 1024;
/** As wasm-filter/core/limits.ts has it: the longest name that is reported, in bytes. */
const MAX_STRING = 255;
/** Endpoints of a service at a time, and where the others go. */
const MOST_ENDPOINTS = 200 + 1;

type Below = (below: number) => number;

/** Pieces that a path may be made of: of each kind something that a parser stumbles over. */
const PIECES: readonly ((below: Below) => string | Buffer)[] = [
  () => "/",
  () => "//",
  () => "/../..",
  () => "/{id}",
  () => "/**",
  () => "/~other",
  () => "?a=b?c#d",
  () => "%2F%00%zz%",
  () => "\u0000\r\n\u007f",
  () => "/\u202e\u{1f600}é",
  () => "GET / HTTP/1.1\r\nHost: x\r\n\r\n",
  (below) => `/${below(1_000_000_000)}`,
  (below) => "a".repeat(below(300)),
  (below) => "/x".repeat(below(100)),
  (below) => Buffer.from(Array.from({ length: below(40) }, () => below(256))),
  // A code point that is cut in its middle, too long a form of "/", a surrogate.
  () => Buffer.from([0xe2, 0x82]),
  () => Buffer.from([0xc0, 0xaf]),
  () => Buffer.from([0xed, 0xa0, 0x80]),
];

/** Some hostile bytes; one in fifty is as long as Envoy can be told to let through. */
function hostile(below: Below): Buffer {
  const pieces = Array.from({ length: below(9) }, () => Buffer.from(PIECES[below(PIECES.length)]!(below)));
  const bytes = Buffer.concat(pieces);
  if (below(50) > 0 || bytes.length === 0) return bytes;
  return Buffer.concat(Array.from({ length: Math.ceil(LONGEST / bytes.length) }, () => bytes)).subarray(0, LONGEST);
}

const HEADERS = [":path", ":method", ":authority", "content-type", "x-request-id", "traceparent", "x-forwarded-for"];

function sendHostile(sidecar: Sidecar, below: Below, context: number): void {
  const outbound: Request = { direction: 2, cluster: hostile(below).toString("latin1") };
  const request = requestContext({ status: below(700), ...(below(3) === 0 ? outbound : {}) });
  const headers = new Map(request.headers);
  for (const name of HEADERS) if (below(2) === 0) headers.set(name, hostile(below));
  sidecar.host.log(context, { attributes: request.attributes, headers });
}

for (let seed = 1; seed <= SEEDS; seed++) {
  test(`${REQUESTS_A_SEED} hostile requests, seed ${seed}`, () => {
    const below = generator(seed);
    const sidecar = new Sidecar();
    const before = sidecar.host.memoryBytes;
    for (let at = 0; at < REQUESTS_A_SEED; at++) {
      sendHostile(sidecar, below, 10_000 + at);
      if (at % 500 < 499) continue;
      sidecar.tick();
      sidecar.collect();
      sidecar.acknowledge();
    }
    sidecar.settle();
    assert.is(totalCount(sidecar.totals), REQUESTS_A_SEED);
    assert.is(sidecar.host.memoryBytes, before);
    assert.is(sidecar.losses[LossKind.LOSS_KIND_REQUESTS_LOST] ?? 0, 0, "no request is lost");

    for (const { strings, counters } of sidecar.received.values()) {
      for (const name of strings) {
        assert.ok(Buffer.byteLength(name) <= MAX_STRING, `${name.length} characters`);
        // What the decoder puts in the place of bytes that are no UTF-8.
        assert.not.match(name, /\ufffd/);
      }
      const served = counters.filter(({ side }) => side === Side.SIDE_INBOUND);
      const endpoints = new Set(served.map(({ method, route }) => `${strings[method]} ${strings[route]}`));
      assert.ok(endpoints.size <= MOST_ENDPOINTS, `${endpoints.size} endpoints in a batch`);
    }
    assert.ok(sidecar.totals.size > MOST_ENDPOINTS, "both directions, several outcomes");
  });
}

test.run();
