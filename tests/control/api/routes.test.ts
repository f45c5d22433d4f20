import { credentials, status, type ServiceError } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ListRoutesResponse, StatsClient } from "#proto/stats.ts";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { LEARNED_MS, shopRoutes } from "./fixture-routes.ts";

const routes = suite("routes over the APIs");
let control: ControlUnderTest;
let client: StatsClient;

routes.before(
  loud(async () => {
    control = await startControl({ routes: shopRoutes() });
    client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);

routes.after(async () => {
  client.close();
  await control.close();
});

function list(server: string): Promise<ListRoutesResponse> {
  return new Promise((resolve, reject) => {
    client.listRoutes({ server }, (error, response) => (error ? reject(error) : resolve(response)));
  });
}

function refusal(server: string): Promise<ServiceError | null> {
  return new Promise((resolve) => client.listRoutes({ server }, (error) => resolve(error)));
}

function forget(server: string, rule: string): Promise<ServiceError | null> {
  return new Promise((resolve) => client.forgetRoute({ server, rule }, (error) => resolve(error)));
}

routes("HTTP lists what holds for all servers, or for one", async () => {
  const ask = async (query: string): Promise<{ rules: Record<string, unknown>[] }> =>
    (await (await fetch(`${control.http}/api/v1/routes${query}`)).json()) as { rules: Record<string, unknown>[] };
  assert.is((await ask("")).rules.length, 4);
  const { rules } = await ask("?server=shop/user");
  assert.equal(rules[2], {
    ...{ server: "shop/user", rule: "/customers/{id}", source: "learned" },
    ...{ sinceMs: LEARNED_MS, values: 1_061 },
  });
  assert.equal((await ask("?server=shop/none")).rules.length, 1);
  assert.is((await fetch(`${control.http}/api/v1/routes?of=x`)).status, 400);
});

routes("gRPC lists the same, and forgets what was learned", async () => {
  const { rules } = await list("shop/user");
  assert.equal(rules[2], {
    ...{ server: "shop/user", rule: "/customers/{id}", source: "learned" },
    ...{ since: new Date(LEARNED_MS), values: 1_061 },
  });
  assert.is(rules[0]!.since, undefined);
  assert.is(await forget("shop/user", "/customers/{id}"), null);
  assert.is((await list("")).rules.length, 3);
  assert.is((await list("")).untaught, 12);
  const refused = await forget("shop/user", "/customers/{id}");
  assert.is(refused?.code, status.NOT_FOUND);
  assert.match(
    refused?.details ?? "",
    /No place "\/customers\/\{id\}" was learned of "shop\/user"; "sidelight routes"/,
  );
});

routes("a server that nobody knows is said to be none; one without traffic or rules is one", async () => {
  const refused = await refusal("shop/usre");
  assert.is(refused?.code, status.NOT_FOUND);
  assert.match(refused?.details ?? "", /No server "shop\/usre" is known/);
  assert.is((await list("shop/front-end")).rules.length, 1);
});

routes.run();
