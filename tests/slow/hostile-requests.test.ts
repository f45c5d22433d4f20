/**
 * 100,000 requests whose path, method, host and headers were written by somebody who means harm, up to 64 KB each: none
 * traps the filter or makes it grow, each is counted once, endpoints stay bounded, and what is reported is text.
 */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { LossKind, Side } from "#proto/ingest.ts";
import { type Below, hostile } from "../wasm-filter/hostile-bytes.ts";
import { generator } from "../wasm-filter/random.ts";
import { type Request, requestContext, Sidecar, totalCount } from "../wasm-filter/sidecar.ts";

const SEEDS = 10;
const REQUESTS_A_SEED = 10_000;
/** As wasm-filter/core/limits.ts has it: the longest name that is reported, in bytes. */
const MAX_STRING = 255;
/** Endpoints of a service at a time, and where the others go. */
const MOST_ENDPOINTS = 200 + 1;

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
