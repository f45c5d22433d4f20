import { credentials, status } from "@grpc/grpc-js";
import type { ServiceError } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ListOptedInResponse, StatsClient } from "#proto/stats.ts";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { WRITTEN, clusterOptIn, optedInShop, userReports, wholeCluster } from "./fixture-opted-in.ts";

const optedIn = suite("who is turned on, over the APIs");
let control: ControlUnderTest;
let without: ControlUnderTest;

optedIn.before(
  loud(async () => {
    control = await startControl({ optIn: clusterOptIn });
    without = await startControl();
  }),
);
optedIn.after(async () => {
  await control.close();
  await without.close();
});

function list({ grpc }: ControlUnderTest, namespace: string, all = false): Promise<ListOptedInResponse> {
  const client = new StatsClient(grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  return new Promise<ListOptedInResponse>((resolve, reject) => {
    client.listOptedIn({ namespace, all }, (error, response) => (error ? reject(error) : resolve(response)));
  }).finally(() => client.close());
}

optedIn("HTTP tells all, or one namespace", async () => {
  const ask = async (query: string): Promise<unknown> => (await fetch(`${control.http}/api/v1/opt-in${query}`)).json();
  assert.equal(await ask(""), optedInShop);
  assert.equal(await ask("?namespace=shop"), { ...optedInShop, workloads: [userReports] });
  for (const [query, named] of [
    ["namepsace=shop", /namepsace/],
    ["all=1", /all.*must be true or false/],
  ] as const) {
    const refusal = await fetch(`${control.http}/api/v1/opt-in?${query}`);
    assert.is(refusal.status, 400);
    assert.match(JSON.stringify(((await refusal.json()) as { error: object }).error), named);
  }
});

optedIn("asked for all, also those are told of whom no annotation says anything", async () => {
  const ask = async (query: string): Promise<unknown> => (await fetch(`${control.http}/api/v1/opt-in${query}`)).json();
  assert.equal(await ask("?all=true"), wholeCluster);
  const store = (await ask("?all=true&namespace=store")) as typeof wholeCluster;
  assert.equal(
    [store.namespaces.map(({ name }) => name), store.workloads.map(({ name }) => name)],
    [["store"], ["cart", "gate"]],
  );
  const { namespaces, workloads } = await list(control, "store", true);
  assert.equal(namespaces, [
    { name: "store", observe: undefined, isRoot: false, workloads: 2, on: 1, reporting: 1, problem: "" },
  ]);
  assert.equal(
    workloads.map(({ workload, meshed, stated }) => [workload, meshed, stated]),
    [
      ["store/cart", 0, { on: "template", name: "cart", value: "true" }],
      ["store/gate", 2, undefined],
    ],
  );
});

optedIn("gRPC tells the same", async () => {
  const { workloads, problems, isLeader } = await list(control, "store");
  assert.equal([problems, isLeader], [["Namespace x says yes"], true]);
  assert.equal(workloads, [
    {
      ...{
        workload: "store/cart",
        kind: "Rollout",
        state: "notWritten",
        by: "workload",
        plugin: "",
        pods: 1,
        included: 1,
      },
      ...{ sidecars: 0, meshed: 0, pluginSince: undefined, reportingSince: undefined, lastReport: undefined },
      stated: { on: "template", name: "cart", value: "true" },
      problems: ["The webhook said no"],
    },
  ]);
  const [user] = (await list(control, "shop")).workloads;
  assert.equal([user?.pluginSince, user?.lastReport], [new Date(WRITTEN), new Date(WRITTEN + 9_000)]);
});

optedIn("where nothing is turned on it is said how it would be", async () => {
  const answer = await fetch(`${without.http}/api/v1/opt-in`);
  assert.is(answer.status, 409);
  assert.match(await answer.text(), /SIDELIGHT_OBSERVE=on/);
  const error = await list(without, "").then(
    () => undefined,
    (cause: ServiceError) => cause,
  );
  assert.is(error?.code, status.FAILED_PRECONDITION);
});

optedIn.run();
