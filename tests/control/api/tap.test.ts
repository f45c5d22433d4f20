import { credentials, status, type ServiceError } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Side } from "#proto/ingest.ts";
import { StatsClient, type TapRequestsRequest, type TapRequestsResponse } from "#proto/stats.ts";
import { nearNames } from "../../../control/api/near-names.ts";
import { loud } from "../../loud.ts";
import { FakeStream, everything, tappedOf } from "../ingest/tap-fixture.ts";
import { until } from "../until.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

interface Parts {
  control: ControlUnderTest;
  client: StatsClient;
}

const test = suite<Parts>("live requests over gRPC");
const blank: TapRequestsRequest = {
  ...{ workload: "shop/user", durationSeconds: 0, perSecond: 0, side: "", method: "", pathPrefix: "" },
  ...{ onlyFailed: false, minDurationSeconds: 0, status: undefined, statusTo: 0 },
};

test.before(
  loud(async (parts) => {
    parts.control = await startControl();
    parts.client = new StatsClient(parts.control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);
test.after(async ({ control, client }) => {
  client.close();
  await control.close();
});

/** A call with all that it brought. */
function tap({ client }: Parts, request: Partial<TapRequestsRequest>) {
  const messages: TapRequestsResponse[] = [];
  const call = client.tapRequests({ ...blank, ...request });
  call.on("data", (message: TapRequestsResponse) => messages.push(message));
  const ended = new Promise<ServiceError | undefined>((resolve) => {
    call.on("error", (error: ServiceError) => resolve(error));
    call.on("end", () => resolve(undefined));
  });
  return { messages, call, ended };
}

async function refusal(
  parts: Parts,
  request: Partial<TapRequestsRequest>,
): Promise<[number | undefined, string | undefined]> {
  const error = await tap(parts, request).ended;
  return [error?.code, error?.details];
}

test("requests come with both ends named, and a client that goes frees its place", async (parts) => {
  const { taps } = parts.control;
  const stream = new FakeStream("user");
  taps.joined(stream);
  const { messages, call } = tap(parts, { perSecond: 20, pathPrefix: "/cards", status: 500, statusTo: 599 });
  await until(() => messages.length === 1);
  assert.equal(messages[0], { reporters: 1, requests: [], skipped: 0 });
  const { id, ...asked } = stream.last!;
  const filter = { ...everything, pathPrefix: "/cards", hasStatus: true, status: 500, statusTo: 599 };
  assert.equal({ ...asked, durationMillis: 60_000 }, { ...filter, perSecond: 20, durationMillis: 60_000 });
  taps.take(stream, {
    bytes: tappedOf(id, [{ path: "/cards/1", durationMicros: 1500, flags: 4, traceId: "ab".repeat(16) }], 3),
    ...{ receivedMs: 1_800_000_000_400, clockOffsetMs: 0 },
  });
  await until(() => messages.length === 2);
  const [one, ...more] = messages[1]!.requests;
  assert.equal([messages[1]!.reporters, messages[1]!.skipped, more.length], [1, 3, 0]);
  assert.equal(one, {
    ...{ reason: "tapped", at: new Date(1_800_000_000_000), client: "unresolved/no-address", server: "shop/user" },
    ...{ reporterSide: "destination", protocol: "http", method: "GET", route: "/", path: "/cards/1" },
    ...{ outcome: "success", status: 200, durationSeconds: 0.0015, flags: ["UT"], requestId: "" },
    traceId: "ab".repeat(16),
  });
  call.cancel();
  await until(() => taps.stats.taps === 0);
  assert.is(stream.last?.durationMillis, 0);
  taps.left(stream);
});

test("it ends by itself, with all that came before", async (parts) => {
  const { taps } = parts.control;
  const stream = new FakeStream("user");
  taps.joined(stream);
  const { messages, ended } = tap(parts, { durationSeconds: 1, side: "outbound", minDurationSeconds: 0.25 });
  await until(() => messages.length === 1);
  assert.equal([stream.last?.side, stream.last?.minDurationMicros], [Side.SIDE_OUTBOUND, 250_000]);
  const [receivedMs, clockOffsetMs] = [1_800_000_000_400, 0];
  taps.take(stream, { bytes: tappedOf(stream.last!.id, ["/a", "/b"]), receivedMs, clockOffsetMs });
  assert.is(await ended, undefined);
  assert.is(messages.flatMap(({ requests }) => requests).length, 2);
  assert.is(taps.stats.subscribers, 0);
  taps.left(stream);
});

test("who cannot be asked: says why, and whom to ask instead", async (parts) => {
  const { NOT_FOUND, FAILED_PRECONDITION } = status;
  assert.equal(await refusal(parts, { workload: "user" }), [
    NOT_FOUND,
    'No workload "user" is known; did you mean shop/user?',
  ]);
  assert.equal(await refusal(parts, { workload: "billing/invoices" }), [
    NOT_FOUND,
    'No workload "billing/invoices" is known; names look like "namespace/name"',
  ]);
  assert.equal(await refusal(parts, { workload: "shop/user-db" }), [
    FAILED_PRECONDITION,
    "shop/user-db has no sidecar that could show live requests; ask a caller of it: shop/user",
  ]);
  const [code, details] = await refusal(parts, { workload: "external/internet" });
  assert.is(code, FAILED_PRECONDITION);
  assert.match(details!, "external/internet is no workload of the cluster");
});

test("a workload whose sidecars have no stream yet is waited for", async (parts) => {
  const { messages, call } = tap(parts, { workload: "shop/orders" });
  await until(() => messages.length === 1);
  assert.is(messages[0]?.reporters, 0);
  const stream = new FakeStream("orders");
  parts.control.taps.joined(stream);
  await until(() => messages.length === 2);
  assert.equal([messages[1]?.reporters, stream.told.length], [1, 1]);
  call.cancel();
  await until(() => parts.control.taps.stats.taps === 0);
});

test("what no tap can ask for is refused", async (parts) => {
  const cases: [Partial<TapRequestsRequest>, string][] = [
    [{ workload: "" }, "a tap needs a workload"],
    [{ workload: "x".repeat(600) }, "600 characters long"],
    [{ durationSeconds: 601 }, "seconds must be from 1 to 600, not 601"],
    [{ perSecond: 101 }, "rate must be from 1 to 100, not 101"],
    [{ side: "both" }, 'side must be inbound or outbound, not "both"'],
    [{ method: "BREW" }, 'method must be one of GET, HEAD, POST, .* not "BREW"'],
    [{ pathPrefix: "cards" }, 'path must begin with "/"'],
    [{ pathPrefix: "/straße" }, "percent-encoded"],
    [{ pathPrefix: "/cards?id=1" }, "compared without query"],
    [{ pathPrefix: "/cards%253f" }, "compared without query"],
    [{ pathPrefix: `/${"a".repeat(255)}` }, "longer than 255 bytes"],
    [{ minDurationSeconds: -1 }, "minMs must be from 0"],
    [{ minDurationSeconds: NaN }, "minMs must be from 0"],
    [{ minDurationSeconds: 5_000 }, "minMs must be from 0 to 4294967"],
    [{ status: 1000 }, "status must be from 0 to 999, not 1000"],
  ];
  for (const [request, message] of cases) {
    const [code, details] = await refusal(parts, request);
    assert.is(code, status.INVALID_ARGUMENT, details);
    assert.match(details!, new RegExp(message));
  }
  assert.is(parts.control.taps.stats.taps, 0);
  assert.equal(parts.control.errors, []);
});

test("past the limits, and where it is switched off", async (parts) => {
  const calls = [1, 2, 3, 4].map((perSecond) => tap(parts, { perSecond, workload: "shop/orders" }));
  await until(() => parts.control.taps.stats.taps === 4);
  const [code, details] = await refusal(parts, { perSecond: 5, workload: "shop/orders" });
  assert.is(code, status.RESOURCE_EXHAUSTED);
  assert.match(details!, "4 different taps of shop/orders run already");
  for (const { call } of calls) call.cancel();
  await until(() => parts.control.taps.stats.taps === 0);
  const without = await startControl({ withoutTaps: true });
  const client = new StatsClient(without.grpc, credentials.createInsecure());
  const refused = await refusal({ control: without, client }, {});
  assert.equal(refused, [
    status.PERMISSION_DENIED,
    "Live requests are switched off here: SIDELIGHT_TAP=on allows them",
  ]);
  client.close();
  await without.close();
});

test("control that stops says so", async () => {
  const control = await startControl();
  const client = new StatsClient(control.grpc, credentials.createInsecure());
  const { messages, ended } = tap({ control, client }, {});
  await until(() => messages.length === 1);
  control.taps.stop();
  const error = await ended;
  assert.equal([error?.code, error?.details], [status.UNAVAILABLE, "control is stopping"]);
  client.close();
  await control.close();
});

test("names that were probably meant", () => {
  const ids = ["shop/user", "shop/user-db", "shop/orders", "bank/user", "shop/payment"];
  assert.equal(nearNames("shop/usr", ids), ["shop/user", "bank/user"]);
  assert.equal(nearNames("user", ids), ["bank/user", "shop/user"]);
  assert.equal(nearNames("SHOP/Order", ids), ["shop/orders"]);
  assert.equal(nearNames("prod/payment", ids), ["shop/payment"]);
  assert.equal(nearNames("kube-system/coredns", ids), []);
  assert.equal(nearNames("", ids), []);
});

test.run();
