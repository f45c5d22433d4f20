/** Captures of real servers whose own logs and counters say what was asked of them. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { CHUNK_BYTES } from "../../tap/module.ts";
import type { TapDocument } from "../../tap/document.ts";
import { figuresOf, read, tcpOf } from "./reading.ts";
import { unpackedCapture } from "./unpacked.ts";

/** A test over the capture of this name, skipped where it is not there. */
function truth(capture: string, what: string, work: (document: TapDocument) => void): void {
  const bytes = unpackedCapture(capture);
  const name = `${capture}: ${what}`;
  if (bytes) test(name, () => work(read(bytes, CHUNK_BYTES)));
  else test.skip(name);
}

truth("http1", "every request that nginx logged is counted, under its outcome", (document) => {
  const http = figuresOf(document, "http");
  assert.is(http.requests, 194_348);
  assert.is(http.responses, 194_348);
  assert.equal(http.statuses, { 200: 145_763, 201: 19_434, 204: 9_717, 301: 8_745, 404: 9_717, 500: 972 });
  const good = 145_763 + 19_434 + 9_717 + 8_745;
  assert.equal(http.outcomes, { success: good, clientError: 9_717, serverError: 972, notReached: 0, noAnswer: 0 });
  assert.equal(document.losses, {});
  // 992 that asked something, and the first one of all, which was opened and closed without a byte.
  assert.equal([tcpOf(document).connections, tcpOf(document).failed], [993, 0]);
});

truth("redis", "every command that the server's own counters have is counted, and both errors", (document) => {
  const { requests, responses, outcomes } = figuresOf(document, "redis");
  assert.equal([requests, responses], [180_010, 180_010]);
  assert.equal(outcomes, { success: 180_008, clientError: 2, serverError: 0, notReached: 0, noAnswer: 0 });
  assert.equal(document.losses, {});
});

truth("pgsql", "every statement that the server counted is counted, by its shape", (document) => {
  const figures = figuresOf(document, "postgresql");
  assert.equal([figures.requests, figures.responses], [26_011 + 28_000, 26_011 + 28_000]);
  assert.equal([figures.outcomes.clientError, figures.outcomes.serverError, figures.outcomes.noAnswer], [2, 0, 0]);
  assert.equal(figures.statuses, { 23505: 1, 42000: 1 });
  assert.equal(document.losses, {});
  assert.equal(
    figures.endpoints.slice(0, 3).map(({ endpoint, requests }) => [endpoint, requests]),
    [
      ["SELECT abalance FROM pgbench_accounts WHERE aid = ?", 18_000],
      ["BEGIN", 6_000],
      ["END", 6_000],
    ],
  );
});

test.run();
