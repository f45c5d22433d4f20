import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ApiServer } from "../../../control/kubernetes/api-server.ts";
import { readCredentials } from "../../../control/kubernetes/credentials.ts";
import { FakeApi } from "./fake-api.ts";

const test = suite<{ fake: FakeApi; api: ApiServer; kubeconfig: string }>("asking the API server");

test.before.each(async (context) => {
  context.fake = await FakeApi.start();
  const folder = await mkdtemp(join(tmpdir(), "sidelight-api-"));
  context.kubeconfig = join(folder, "kubeconfig");
  await writeFile(context.kubeconfig, context.fake.kubeconfig);
  context.api = new ApiServer(await readCredentials({ mode: "on", kubeconfig: context.kubeconfig }));
});

test.after.each(async ({ fake, kubeconfig }) => {
  await fake.close();
  await rm(dirname(kubeconfig), { recursive: true });
});

const version = (api: ApiServer): Promise<unknown> =>
  api.ask({ path: "/version", accept: "application/json", idleMs: 5_000, signal: new AbortController().signal });

test("one question after the other takes one connection", async ({ fake, api }) => {
  for (let times = 0; times < 5; times += 1) assert.equal(await version(api), { gitVersion: "v1.33.4" });
  assert.is(fake.connections, 1);
});

test("a connection that was kept and is closed meanwhile costs no question", async ({ fake, api }) => {
  await version(api);
  for (let times = 0; times < 5; times += 1) {
    fake.closeConnections();
    assert.equal(await version(api), { gitVersion: "v1.33.4" });
  }
});

test("a server that is away is told of, whether or not a connection was kept", async ({ fake, api }) => {
  await version(api);
  fake.goAway();
  for (let times = 0; times < 2; times += 1) {
    const error = await version(api).then(
      () => undefined,
      (thrown: Error) => thrown,
    );
    assert.match(String(error), /ECONNRESET|hang up/);
  }
});

test.run();
