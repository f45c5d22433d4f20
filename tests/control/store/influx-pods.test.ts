/** Pods on a real InfluxDB. */
import * as assert from "uvu/assert";
import { START_MS, observation, windowOf } from "../world/fixtures.ts";
import { podEnd, podTraffic } from "../world/pod-fixtures.ts";
import { podsContract } from "./contract.ts";
import { onInfluxDb } from "./on-influxdb.ts";

const suite = await onInfluxDb("influx pods", (test, newPlace) => {
  podsContract(test, newPlace);

  test("pods past the limit are counted as ~other, and as a loss, after a restart too", async () => {
    const place = await newPlace({ maxPodSeries: 10 });
    let store = await place.open();
    try {
      for (let at = 1; at <= 20; at++) {
        const pods = ["known", `new${at}`].map((name) => podTraffic({ server: podEnd("b", name), count: 5 }));
        await store.append([windowOf([observation({ count: 10 })], { pods, startMs: START_MS + at * 1_000 })], at);
        if (at !== 10) continue;
        await store.close();
        store = await place.open();
      }
      const range = { fromMs: START_MS, toMs: START_MS + 60_000 };
      const byPod = new Map((await store.pods(range)).traffic.map(({ server, count }) => [server.pod, count]));
      assert.ok(byPod.size <= 11, [...byPod.keys()].join(" "));
      assert.equal([byPod.get("b-known"), [...byPod.values()].reduce((sum, count) => sum + count)], [100, 200]);
      assert.equal(await store.losses(range), [{ kind: "podsFull", count: byPod.get("~other")! }]);
    } finally {
      await store.close();
      await place.remove();
    }
  });
});
suite.run();
