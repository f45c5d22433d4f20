import { test } from "uvu";
import * as assert from "uvu/assert";
import { ApiServer } from "../../../control/kubernetes/api-server.ts";
import { KubernetesInventory } from "../../../control/kubernetes/kubernetes-inventory.ts";
import { REFLECTOR_TIMINGS } from "../../../control/kubernetes/reflector.ts";
import { RESOURCES } from "../../../control/kubernetes/resource.ts";
import { Watching } from "../../../control/kubernetes/watching.ts";
import { until } from "../until.ts";
import { FakeApi } from "./fake-api.ts";

interface Followed {
  readonly api: FakeApi;
  readonly watching: Watching;
  /** Moves the clock. */
  readonly pass: (ms: number) => void;
}

const STARTED_MS = 1_000_000;

async function following(refused: readonly string[], work: (followed: Followed) => Promise<void>): Promise<void> {
  const api = await FakeApi.start();
  api.refused = new Set(refused);
  let nowMs = STARTED_MS;
  const credentials = {
    getCurrentCluster: () => ({ server: api.url }),
    applyToHTTPSOptions: () => Promise.resolve(),
  };
  const watching = new Watching({
    ...{ api: new ApiServer(credentials), inventory: new KubernetesInventory(() => undefined), now: () => nowMs },
    ...{ timings: { ...REFLECTOR_TIMINGS, firstWaitMs: 5, longestWaitMs: 20 } },
    ...{ warn: () => undefined, info: () => undefined },
  });
  try {
    await work({ api, watching, pass: (ms) => (nowMs += ms) });
  } finally {
    await watching.stop();
    await api.close();
  }
}

test("an API server that goes away is one trouble, of since when all was in step; back again it is none", async () => {
  await following([], async ({ api, watching, pass }) => {
    assert.equal(await watching.listed(60_000), []);
    assert.equal([watching.awaySinceMs, watching.problems], [undefined, []]);
    await until(() => [...watching.status().values()].every(({ events }) => events > 0));
    pass(500_000);
    api.goAway();
    await until(() => watching.watches().every(({ problem }) => problem !== null));
    assert.is(watching.awaySinceMs, STARTED_MS, "nothing was heard of it later");
    assert.is(watching.problems.length, 1);
    assert.match(watching.problems[0] ?? "", /the API server cannot be followed .* what was known stays/);
    assert.equal([...new Set(watching.watches().map(({ inStepMs }) => inStepMs))], [STARTED_MS]);
    api.comeBack();
    await until(() => watching.awaySinceMs === undefined);
    assert.equal(watching.problems, []);
  });
});

test("what may not be read is a trouble of its own, and the server is not away for it", async () => {
  await following(["jobs"], async ({ watching }) => {
    assert.equal(await watching.listed(60_000), ["jobs"]);
    assert.is(watching.awaySinceMs, undefined);
    assert.match(watching.problems.join("\n"), /^Kubernetes: may not read jobs\.batch; give [^\n]*$/);
    const watches = watching.watches();
    assert.equal(
      watches.map(({ resource }) => resource),
      [...RESOURCES],
    );
    assert.equal(
      watches.filter(({ inStepMs }) => inStepMs === null).map(({ resource }) => resource),
      ["jobs"],
    );
  });
});

test("one that was never there is away since control looks for it", async () => {
  await following([], async ({ api, watching, pass }) => {
    api.goAway();
    await until(() => watching.watches().every(({ problem }) => problem !== null));
    pass(60_000);
    assert.ok((watching.awaySinceMs ?? 0) >= STARTED_MS);
  });
});

test.run();
