import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { InventoryTable } from "../../control/identity/inventory-table.ts";
import { parseInventoryFile } from "../../control/identity/inventory-file.ts";
import { sidecarBootstrap } from "../../demo/envoy-config.ts";
import { tryListen } from "../../demo/free-port.ts";
import { inventoryYaml } from "../../demo/inventory.ts";
import { claimTopology } from "../../demo/topology.ts";
import type { Topology } from "../../demo/topology.ts";
import { build, projectRoot } from "../../provision/build.ts";
import { envoyBinary } from "../../provision/envoy.ts";
import { silent } from "../../provision/progress.ts";
import { run } from "../../provision/run.ts";

async function withTopology(work: (topology: Topology) => Promise<void>): Promise<void> {
  const topology = await claimTopology();
  try {
    await work(topology);
  } finally {
    topology.release();
  }
}

function everyPlace({ services, stores, control, shop, load }: Topology): string[] {
  const sidecars = services.flatMap(({ address, inbound, outbound, admin, app, stores: listeners }) =>
    [inbound, outbound, admin, app, ...Object.values(listeners)].map((port) => `${address}:${port}`),
  );
  const others = [control.grpc, control.http, shop, load].map(({ host, port }) => `${host}:${port}`);
  return [...sidecars, ...stores.map(({ address, port }) => `${address}:${port}`), ...others];
}

test("two demos side by side share no address and port", async () => {
  await withTopology(async (one) => {
    await withTopology((two) => {
      assert.is.not(one.cidr, two.cidr);
      assert.is.not(one.client, two.client);
      const all = [...everyPlace(one), ...everyPlace(two)];
      assert.is(new Set(all).size, all.length);
      return Promise.resolve();
    });
  });
});

test("a port that is taken is evaded", async () => {
  await withTopology(async (first) => {
    const redis = first.stores.find(({ name }) => name === "session-db");
    assert.ok(redis);
    first.release();
    const squatter = await tryListen(redis.address, redis.port);
    try {
      await withTopology((second) => {
        if (second.cidr !== first.cidr) return Promise.resolve();
        assert.is.not(second.stores.find(({ name }) => name === "session-db")?.port, redis.port);
        return Promise.resolve();
      });
    } finally {
      squatter?.close();
    }
  });
});

test("control reads the inventory and knows every service and store, and that shoppers are outside", async () => {
  await withTopology((topology) => {
    const table = new InventoryTable(parseInventoryFile(inventoryYaml(topology)));
    const now = Date.now();
    for (const { name, address, node } of topology.services) {
      const pod = { workload: `shop/${name}`, pod: `shop/${name}-0`, node, version: "v1" };
      assert.equal(table.podAt(address, now), pod);
      assert.equal(table.byAddress(address, now)?.id, `shop/${name}`);
      assert.equal(table.byHost(`${name}.shop.svc.cluster.local`, now)?.kind, "workload");
    }
    for (const { name, address } of topology.stores) {
      assert.equal(table.byAddress(address, now)?.kind, "store");
      assert.equal(table.byHost(name, now)?.id, `shop/${name}`);
    }
    assert.not.ok(table.isInside(topology.client));
    assert.ok(table.isInside(topology.services[0]?.address ?? ""));
    return Promise.resolve();
  });
});

test("Envoy accepts the configuration of every sidecar", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-bootstrap-test-"));
  try {
    await build(silent, ["filter"]);
    const filterFile = join(projectRoot, "build", "filter", "sidelight.wasm");
    const envoy = await envoyBinary(silent);
    await withTopology(async (topology) => {
      for (const service of topology.services) {
        const file = join(folder, `${service.name}.json`);
        await writeFile(file, JSON.stringify(sidecarBootstrap({ service, topology, filterFile })));
        const args = ["--mode", "validate", "-c", file, "--concurrency", "1", "--disable-hot-restart", "-l", "error"];
        await run(envoy.path, args, { timeoutMs: 30_000 });
      }
    });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
