/** What is told of processes that come, go and count at the same time. */
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { pino } from "pino";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Ledger } from "../../demo/shop/back-office/ledger.ts";
import { reportSchema } from "../../demo/shop/back-office/report.ts";
import type { Report } from "../../demo/shop/back-office/report.ts";
import { Reporter } from "../../demo/shop/back-office/reporter.ts";
import { Counters } from "../../demo/shop/counters.ts";
import { FaultSwitches } from "../../demo/shop/fault-switches.ts";
import { SERVICE_NAMES } from "../../demo/shop/names.ts";

const uuid = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, "0")}`;

function report(instance: number, sent: number, more: Partial<Report> = {}): Report {
  return {
    ...{ instance: uuid(instance), services: ["orders"], missing: [], isLast: false },
    counters: { http: [{ client: "orders", server: "user", sent, unclear: 0 }], tcp: [], queries: [], inFlight: 1 },
    ...more,
  };
}

const sent = (ledger: Ledger): number => ledger.counters.snapshot().http.reduce((sum, edge) => sum + edge.sent, 0);

test("processes are added up, and a later report of one replaces its earlier one", () => {
  const ledger = new Ledger(() => 0);
  ledger.take(report(1, 5));
  ledger.take(report(2, 7));
  ledger.take(report(1, 6));
  assert.is(sent(ledger), 13);
  assert.is(ledger.counters.snapshot().inFlight, 2);
});

test("what a process has counted stays when it ends, and what it had under way does not", () => {
  let nowMs = 0;
  const ledger = new Ledger(() => nowMs);
  ledger.take(report(1, 5, { isLast: true }));
  ledger.take(report(2, 7));
  assert.is(sent(ledger), 12);
  assert.is(ledger.counters.snapshot().inFlight, 1);
  nowMs = 60_000;
  assert.is(ledger.counters.snapshot().inFlight, 0, "one that is silent for long has ended too");
  assert.is(sent(ledger), 12);
});

test("a thousand processes are kept apart, and the counts of more are not lost", () => {
  const ledger = new Ledger(() => 0);
  for (let instance = 1; instance <= 1_200; instance += 1) ledger.take(report(instance, 1));
  assert.is(sent(ledger), 1_200);
});

test("a service that no living process has is missing, and so is what one lacks", () => {
  let nowMs = 0;
  const ledger = new Ledger(() => nowMs);
  assert.equal(ledger.missing(), [...SERVICE_NAMES]);
  ledger.take(report(1, 0, { services: [...SERVICE_NAMES], missing: ["orders -> orders-db"] }));
  assert.equal(ledger.missing(), ["orders -> orders-db"]);
  nowMs = 60_000;
  assert.equal(ledger.missing(), [...SERVICE_NAMES]);
});

test("a process reports until its last word, and has the faults on that it is told", async () => {
  const ledger = new Ledger();
  ledger.faults.set("cards", "errors");
  let refuse = 1;
  const office = createServer((request, response) => {
    let body = "";
    request.on("data", (chunk: Buffer) => (body += chunk.toString()));
    request.on("end", () => {
      if (refuse-- > 0) return void response.writeHead(503).end();
      ledger.take(reportSchema.parse(JSON.parse(body)));
      response.end(JSON.stringify({ faults: ledger.faults.active.map(({ target, fault }) => ({ target, fault })) }));
    });
  });
  await new Promise<void>((done) => office.listen(0, "127.0.0.1", done));
  const counters = new Counters();
  let changes = 0;
  const faults = new FaultSwitches({ onChange: () => (changes += 1) });
  const shop = { services: ["orders"] as const, missing: () => [], counters, faults };
  const { port } = office.address() as AddressInfo;
  const reporter = new Reporter(shop, { host: "127.0.0.1", port }, pino({ level: "silent" }));
  reporter.start();
  // What a report is answered with comes after the report.
  const isTold = (): boolean => !ledger.missing().includes("orders") && faults.active.length > 0;
  while (!isTold()) await new Promise((done) => setTimeout(done, 20));
  assert.equal(
    faults.active.map(({ target, fault }) => `${target} ${fault}`),
    ["cards errors"],
  );
  counters.request("orders", "user", "sent");
  await reporter.stop();
  assert.is(sent(ledger), 1, "the last count comes home");
  assert.ok(ledger.missing().includes("orders"), "and the process is known to have ended");
  assert.is(changes, 1, "the same order twice changes nothing");
  office.closeAllConnections();
  office.close();
});

test.run();
