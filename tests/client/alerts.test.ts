import { suite } from "uvu";
import * as assert from "uvu/assert";
import { SidelightClient, type SidelightError } from "../../client/index.ts";
import { AT_MS, MemoryAlerts } from "../control/api/fixture-alerts.ts";
import { type ControlUnderTest, startControl } from "../control/api/fixture-control.ts";
import { loud } from "../loud.ts";

const test = suite("The client's alerts");
let alerts: MemoryAlerts;
let control: ControlUnderTest;
let client: SidelightClient;

test.before.each(
  loud(async () => {
    alerts = new MemoryAlerts();
    control = await startControl({ alerts, alertsFeed: { minIntervalMs: 1 } });
    client = new SidelightClient(control.grpc);
  }),
);
test.after.each(async () => {
  client.close();
  await control.close();
});

test("what is open, and what says so", async () => {
  const { alerts: open } = await client.alerts.list({ labels: ["workload=shop/user"] });
  assert.is(open[0]?.rule, "user-availability");
  assert.is((await client.alerts.incidents()).incidents[0]?.server, "shop/user");
  assert.is((await client.alerts.objectives({ workload: "shop/user" })).objectives[0]?.budgetLeft, 0.5);
  assert.is((await client.alerts.objects({ kind: "SLO" }))[0]?.name, "user-availability");
  assert.is((await client.alerts.receivers())[0]?.name, "pager");
});

test("objects are applied and deleted, receivers tested and settled", async () => {
  assert.is((await client.alerts.apply({ yaml: "kind: Alert" })).changes.length, 1);
  await client.alerts.delete({ kind: "SLO", name: "user-availability" });
  assert.is(await client.alerts.testReceiver({ name: "pager" }), "");
  assert.is(await client.alerts.settle({ receiver: "pager", ids: ["a", "b"] }), 2);
  const error = await client.alerts.delete({ kind: "Slo", name: "a" }).catch((error: SidelightError) => error);
  assert.equal([error?.isBadQuestion, error?.field, error?.method], [true, "kind", "DeleteObject"]);
});

test("a backtest tells how far it is and answers its result", async () => {
  const shares: number[] = [];
  const range = { from: new Date(AT_MS - 1_000), to: new Date(AT_MS) };
  const result = await client.alerts.backtest(range, { onProgress: (share) => shares.push(share) });
  assert.equal([shares, result.total], [[0.5], 1]);
});

test("a backtest is called off by its signal", async () => {
  const askers = new AbortController();
  let hasEnded = false;
  alerts.backtest = (_question, _onProgress, signal) => {
    askers.abort();
    return new Promise((_resolve, reject) => {
      signal.addEventListener("abort", () => {
        hasEnded = true;
        reject(new Error("called off"));
      });
    });
  };
  const error = await client.alerts
    .backtest({}, { signal: askers.signal })
    .then(() => undefined)
    .catch((error: SidelightError) => error);
  assert.is(error?.isCancelled, true);
  while (!hasEnded) await new Promise((resolve) => setTimeout(resolve, 5));
});

test("a watch goes on over a restart of control", async () => {
  const cuts: SidelightError[] = [];
  const told: (number | undefined)[] = [];
  for await (const { at } of client.alerts.watch({}, { onCut: (error) => cuts.push(error) })) {
    told.push(at?.getTime());
    if (told.length === 2) break;
    const { grpc } = control;
    await control.close();
    alerts.change({ atMs: AT_MS + 1_000 });
    control = await startControl({ alerts, grpcAddress: grpc });
  }
  assert.equal(told, [AT_MS, AT_MS + 1_000]);
  assert.ok(cuts.length > 0 && cuts.every(({ isUnavailable }) => isUnavailable));
});

test("a watch that is refused at its beginning says so", async () => {
  const starting = await startControl({ notReady: ["the history is not open"] });
  const asking = new SidelightClient(starting.grpc);
  let message = "";
  try {
    await asking.alerts.watch().next();
    assert.unreachable("It was answered");
  } catch (error) {
    ({ message } = error as SidelightError);
  }
  asking.close();
  await starting.close();
  assert.match(message, "the history is not open");
});

test.run();
