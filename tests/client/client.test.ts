/** The client against a real control. */
import { createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { once } from "node:events";
import { status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, FilterOperator, Health, SidelightClient, SidelightError } from "../../client/index.ts";
import { type ControlUnderTest, startControl } from "../control/api/fixture-control.ts";
import { startWatched } from "../control/api/fixture-watch.ts";
import { loud } from "../loud.ts";
import { until } from "../control/until.ts";

const test = suite("Client");
let control: ControlUnderTest;
let client: SidelightClient;

test.before(
  loud(async () => {
    control = await startControl();
    client = new SidelightClient(control.grpc);
  }),
);

test.after(async () => {
  client.close();
  await control.close();
});

/** Reads to the end. */
async function drain(answers: AsyncIterable<unknown>, onAnswer = (): void => {}): Promise<void> {
  const iterator = answers[Symbol.asyncIterator]();
  while (!(await iterator.next()).done) onAnswer();
}

async function refusal(promise: Promise<unknown>): Promise<SidelightError> {
  const error: unknown = await promise.then(
    () => new Error("It was answered"),
    (reason: unknown) => reason,
  );
  assert.instance(error, SidelightError);
  return error as SidelightError;
}

test("workloads, endpoints and the topology, with the defaults of what is left out", async () => {
  const names: string[] = [];
  for await (const { id } of client.workloads({ namespace: "shop" })) names.push(id);
  assert.equal(names.sort(), ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"]);
  const [worst] = await client.endpoints({ server: "shop/user" }).all();
  assert.is(worst?.health, Health.HEALTH_FAILING);
  const { edges, nodes, windowSeconds } = await client.topology();
  assert.equal([edges.length, nodes.length], [4, 5]);
  assert.ok(windowSeconds > 0);
  const page = await client.workloads().first();
  assert.instance(page.at, Date);
  const routes = await client.routes();
  assert.equal(routes.rules, []);
});

test("who leads where, and series over time", async () => {
  const [way, ...others] = await client.paths({ client: "external/internet", server: "shop/user-db" }).all();
  assert.equal(way?.nodes, ["external/internet", "shop/front-end", "shop/user", "shop/user-db"]);
  assert.is(others.length, 0);
  const withHistory = await startWatched();
  const asker = new SidelightClient(withHistory.control.grpc);
  const to = new Date(withHistory.filledToMs);
  const { series } = await asker.series({
    ...{ from: new Date(to.getTime() - 10_000), to, step: { seconds: 5 } },
    groupBy: [{ attribute: Attribute.ATTRIBUTE_WORKLOAD }],
    top: 1,
  });
  assert.equal(
    series.map(({ labels, points }) => [...labels, ...points.map(({ requests }) => requests)]),
    [
      ["shop/front-end", 200, 200],
      [205, 205],
    ],
  );
  asker.close();
  await withHistory.close();
});

test("filters narrow the question", async () => {
  const filters = [{ attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" }];
  const { edges } = await client.topology({ filters });
  assert.equal(
    edges.map(({ client: caller, server }) => [caller, server]),
    [["shop/front-end", "shop/user"]],
  );
});

test("a wrong question names the field at fault", async () => {
  const filters = [
    { attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" },
    { attribute: Attribute.ATTRIBUTE_WORKLOAD, operator: FilterOperator.FILTER_OPERATOR_MATCHES, value: "(" },
  ];
  const error = await refusal(client.workloads({ filters }).all());
  assert.ok(error.isBadQuestion && !error.isRetryable);
  assert.is(error.field, "filters[1].value");
  assert.equal([error.method, error.address], ["ListWorkloads", control.grpc]);
  assert.match(error.message, `Stats.ListWorkloads at ${control.grpc}: `);
});

test("what is not known, and what stands in nobody's way", async () => {
  const error = await refusal(client.endpoints({ server: "shop/nobody" }).all());
  assert.ok(error.isNotFound && !error.isRetryable);
  assert.is(error.field, undefined);
  assert.match(error.details, 'No server "shop/nobody" is known');
});

test("an address that is none is refused at once, one that nobody listens at when it is asked", async () => {
  assert.throws(
    () => new SidelightClient("http://127.0.0.1"),
    (error: SidelightError) => error instanceof SidelightError && error.isBadQuestion && error.field === "address",
  );
  const nobody = new SidelightClient("127.0.0.1:1");
  const error = await refusal(nobody.topology());
  nobody.close();
  assert.ok(error.isUnavailable && error.isRetryable && !error.isCut);
  assert.match(error.details, /ECONNREFUSED 127\.0\.0\.1:1$/);
});

test("who gives no answer runs into the time limit", async () => {
  const sockets = new Set<Socket>();
  const silent = createServer((socket) => sockets.add(socket));
  silent.listen(0, "127.0.0.1");
  await once(silent, "listening");
  const address = `127.0.0.1:${(silent.address() as AddressInfo).port}`;
  const asker = new SidelightClient(address, { timeoutMs: 100 });
  const error = await refusal(asker.topology());
  asker.close();
  silent.close();
  for (const socket of sockets) socket.destroy();
  assert.ok(error.isTimeout && error.isRetryable);
  assert.match(error.message, "no answer within 0.1 s");
});

test("a question that is withdrawn, before and while it is asked", async () => {
  const early = await refusal(client.topology({}, { signal: AbortSignal.abort() }));
  assert.ok(early.isCancelled && !early.isRetryable);
  const withdrawn = new AbortController();
  const late = refusal(client.topology({}, { signal: withdrawn.signal }));
  withdrawn.abort();
  assert.ok((await late).isCancelled);
});

test("a watch ends without an error when its signal is aborted or its loop left, and frees its place", async () => {
  const enough = new AbortController();
  let answers = 0;
  for await (const { edges } of client.watchTopology({ signal: enough.signal })) {
    assert.is(edges.length, 4);
    if (++answers === 2) enough.abort();
  }
  assert.is(answers, 2);
  const left = client.watchTopology();
  await left.next();
  await left.return();
  await until(() => control.feed.stats.subscribers === 0);
  await drain(client.watchTopology({ signal: AbortSignal.abort() }), () => assert.unreachable());
});

test("a watch that is cut says that what is lost was there", async () => {
  const passing = await startControl();
  const watcher = new SidelightClient(passing.grpc);
  const error = await refusal(drain(watcher.watchTopology(), () => void passing.close()));
  watcher.close();
  assert.ok(error.isUnavailable && error.isCut && error.isRetryable, error.message);
});

test("a watch that is given a time limit ends with it", async () => {
  const error = await refusal(drain(client.watchTopology({ timeoutMs: 1_000 })));
  assert.ok(error.isTimeout && error.isCut, error.message);
});

test("what is refused keeps its status", async () => {
  const error = await refusal(drain(client.tap({ workload: "shop/user-db" })));
  assert.is(error.code, status.FAILED_PRECONDITION);
  assert.match(error.details, "ask a caller of it");
});

test.run();
