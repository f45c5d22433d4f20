import { credentials, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ListExemplarsRequest, type ListExemplarsResponse, StatsClient } from "#proto/stats.ts";
import type { NamedRequests } from "../../../control/api/named-request.ts";
import { flagNames } from "../../../control/api/response-flags.ts";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { exemplarStore, type ExemplarStore, traceId } from "./fixture-exemplars.ts";

const named = suite("slow and failed requests by name");
let kept: ExemplarStore;
let control: ControlUnderTest;
let client: StatsClient;

named.before(
  loud(async () => {
    kept = await exemplarStore();
    control = await startControl({ store: kept.store });
    client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);

named.after(async () => {
  client.close();
  await control.close();
  await kept.remove();
});

async function overHttp(query: string): Promise<NamedRequests> {
  const response = await fetch(`${control.http}/api/v1/exemplars?${query}`);
  assert.is(response.status, 200);
  return (await response.json()) as NamedRequests;
}

function overGrpc(words: Partial<ListExemplarsRequest>, of: StatsClient = client): Promise<ListExemplarsResponse> {
  const nothing = { client: "", server: "", protocol: "", method: "", route: "", limit: 0 };
  const request = { ...nothing, from: undefined, to: undefined, ...words };
  return new Promise((resolve, reject) => {
    of.listExemplars(request, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

named("HTTP tells them whole, failed ones first", async () => {
  const { exemplars, fromMs, toMs, ...settings } = await overHttp("");
  assert.is(toMs - fromMs, 15 * 60_000);
  assert.equal(settings, { areKept: true, traceUrl: null });
  assert.equal(
    exemplars.map(({ path }) => path),
    ["/cards/\u001b[31m9", "/cards/17", "/addresses/5", "/shop.User/Get"],
  );
  assert.equal(exemplars[0], {
    ...{ reason: "failed", atMs: kept.atMs, side: "destination", client: "shop/front-end", server: "shop/user" },
    ...{ protocol: "http", method: "GET", route: "/cards/{id}", outcome: "noAnswer", status: 504, durationMs: 2_000 },
    ...{ path: "/cards/\u001b[31m9", flags: ["UT", "DC"], requestId: "r-1", traceId },
  });
});

named("HTTP selects by edge, endpoint, time and number", async () => {
  const paths = async (query: string): Promise<string[]> => (await overHttp(query)).exemplars.map(({ path }) => path);
  assert.equal(await paths("client=shop/orders"), ["/addresses/5"]);
  assert.equal(await paths("protocol=grpc&method=&server=shop/user"), ["/shop.User/Get"]);
  assert.equal(await paths("route=/cards/{id}&method=GET&limit=1"), ["/cards/\u001b[31m9"]);
  assert.equal(await paths(`from=${kept.atMs - 12_000}&to=${kept.atMs}`), ["/cards/17"]);
});

named("gRPC tells the same in its own words", async () => {
  const { exemplars } = await overGrpc({ server: "shop/user", route: "/cards/{id}" });
  assert.is(exemplars.length, 2);
  assert.equal(exemplars[0], {
    ...{ reason: "failed", at: new Date(kept.atMs), client: "shop/front-end", server: "shop/user" },
    ...{ reporterSide: "destination", protocol: "http", method: "GET", route: "/cards/{id}", outcome: "no_answer" },
    ...{ path: "/cards/\u001b[31m9", status: 504, durationSeconds: 2, flags: ["UT", "DC"], requestId: "r-1", traceId },
  });
  assert.is((await overGrpc({ limit: 1 })).exemplars.length, 1);
  const to = new Date(kept.atMs - 25_000);
  assert.equal(
    (await overGrpc({ to })).exemplars.map(({ path }) => path),
    ["/shop.User/Get"],
  );
});

named("gRPC says what is wrong with a question", async () => {
  const refusalOf = (words: Partial<ListExemplarsRequest>, of?: StatsClient): Promise<ServiceError> =>
    overGrpc(words, of).then(
      () => assert.unreachable("it was answered"),
      (error: unknown) => error as ServiceError,
    ) as Promise<ServiceError>;
  const wrong: [Partial<ListExemplarsRequest>, RegExp][] = [
    [{ limit: 501 }, /"limit" must be a whole number from 1 to 500, not 501/],
    [{ protocol: "udp" }, /protocol must be one of http, grpc, tcp, dns, .*, not "udp"/],
    [{ route: "r".repeat(513) }, /route is 513 characters long/],
    [{ from: new Date(5), to: new Date(5) }, /"from" \(5\) must lie before "to" \(5\)/],
  ];
  for (const [words, message] of wrong) {
    const { code, details } = await refusalOf(words);
    assert.is(code, status.INVALID_ARGUMENT);
    assert.match(details, message);
  }
  const starting = await startControl();
  const early = new StatsClient(starting.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  assert.is((await refusalOf({}, early)).code, status.UNAVAILABLE);
  early.close();
  await starting.close();
});

named("response flags have Envoy's names, also past 32 bits", () => {
  assert.equal(flagNames(0), []);
  assert.equal(flagNames(1 + 32 + 128), ["LH", "UF", "UO"]);
  assert.equal(flagNames(2 ** 14 + 2 ** 24 + 2 ** 28), ["DC", "NC", "DR"]);
  assert.equal(flagNames(2 ** 33 + 2 ** 29), ["UDO", "bit33"]);
});

named.run();
