/** A whole control whose API server goes away: it stays ready, and says so. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import type { Status } from "../../control/api/sources.ts";
import { ControlProcess } from "./control-process.ts";
import { FakeApi } from "./kubernetes/fake-api.ts";
import { until } from "./until.ts";

test("with an inventory it stays ready, and status and metrics say since when names may be old", async () => {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-away-"));
  const api = await FakeApi.start();
  writeFileSync(join(folder, "kubeconfig"), api.kubeconfig);
  const control = await ControlProcess.start({
    ...{ SIDELIGHT_DATA_DIR: join(folder, "data"), SIDELIGHT_KUBECONFIG: join(folder, "kubeconfig") },
  });
  try {
    const cluster = async () => (await control.json<Status>("/api/v1/status")).kubernetes;
    const gauge = async (): Promise<number> => {
      return Number(/^sidelight_kubernetes_away_seconds (\S+)$/m.exec(await control.metrics())?.[1]);
    };
    await until(async () => (await cluster())?.version === "v1.33.4");
    const { server, awaySinceMs, problems, watches, optIn } = (await cluster()) ?? {};
    assert.equal([server, awaySinceMs, problems, optIn], [api.url, null, [], null]);
    assert.ok(watches?.every(({ inStepMs, problem }) => inStepMs !== null && problem === null));
    assert.is(await gauge(), 0);

    api.goAway();
    await until(async () => ((await cluster())?.awaySinceMs ?? null) !== null);
    await until(async () => (await gauge()) > 0);
    const away = await cluster();
    assert.match(away?.problems.join("\n") ?? "", /^Kubernetes: the API server cannot be followed [^\n]*$/);
    assert.is(away?.version, "v1.33.4");
    const ready = await fetch(`http://${control.http}/readyz`);
    assert.equal([ready.status, await ready.text()], [200, "ready\n"]);

    api.comeBack();
    await until(async () => (await cluster())?.awaySinceMs === null, 4_000);
  } finally {
    await control.end("SIGKILL");
    await api.close();
    rmSync(folder, { recursive: true, force: true });
  }
});

test.run();
