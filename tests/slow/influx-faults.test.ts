/** What InfluxDB and the network before it can do to the history. Skipped where it cannot be built. */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { InfluxDB } from "@influxdata/influxdb-client";
import { AuthorizationsAPI, BucketsAPI, DeleteAPI, OrgsAPI } from "@influxdata/influxdb-client-apis";
import type { Authorization } from "@influxdata/influxdb-client-apis";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { StoreAwayError } from "../../control/store/errors.ts";
import { InfluxStore } from "../../control/store/influxdb/influx-store.ts";
import type { InfluxOptions } from "../../control/store/influxdb/options.ts";
import { InfluxProxy } from "../influxdb-proxy.ts";
import { getInfluxDb, startInfluxDb } from "../influxdb.ts";
import type { RunningInfluxDb } from "../influxdb.ts";
import { loud } from "../loud.ts";
import { START_MS, observation, timed, windowOf } from "../control/world/fixtures.ts";
import { randomOf } from "../control/world/random.ts";
import { HOUR, MINUTE_OF_TEST, SECOND, pointsOf, requests, total } from "../control/store/contract-case.ts";

const binary = await getInfluxDb();
let server: RunningInfluxDb;
let places = 0;

interface Place {
  readonly folder: string;
  readonly proxy: InfluxProxy;
  readonly dropped: Map<string, number>;
  /** Opens a store; all of a place have the same buckets, and those of one `control` the same journal. */
  open(more?: Partial<InfluxOptions>, control?: string): InfluxStore;
}

const test = suite<{ place: Place; opened: InfluxStore[] }>("influx faults");

const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  binary ? test(name, work) : test.skip(name, work);

test.before(loud(async () => void (binary && (server = await startInfluxDb(binary)))));
test.after(async () => void (binary && (await server.remove())));

test.before.each(async (context) => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-store-"));
  const proxy = await InfluxProxy.start(server.port);
  const prefix = `case${++places}`;
  const dropped = new Map<string, number>();
  context.opened = [];
  const open: Place["open"] = (more, control = "one") => {
    const { org, token } = server;
    const store = InfluxStore.open({
      ...{ url: proxy.url, org, token: () => token, prefix, journal: join(folder, control) },
      ...{ now: () => START_MS, retention: false, warn: () => undefined, ...more },
      onDropped: (reason, points) => void dropped.set(reason, (dropped.get(reason) ?? 0) + points),
    });
    context.opened.push(store);
    return store;
  };
  context.place = { folder, proxy, dropped, open };
});

test.after.each(async ({ place, opened }) => {
  place.proxy.fault = () => undefined;
  for (const store of opened) await store.close();
  await place.proxy.stop();
  await rm(place.folder, { recursive: true });
});

async function failure(work: Promise<unknown>): Promise<Error> {
  const error: unknown = await work.then(
    () => undefined,
    (caught: unknown) => caught,
  );
  assert.instance(error, Error);
  return error as Error;
}

/** A token that may do this to buckets, and see the organisation. */
async function authorize(actions: readonly ("read" | "write")[]): Promise<Authorization> {
  const influx = new InfluxDB({ url: server.url, token: server.token });
  const { orgs = [] } = await new OrgsAPI(influx).getOrgs({ org: server.org });
  const orgID = orgs[0]!.id!;
  const permissions = actions.flatMap((action) => [
    { action, resource: { type: "buckets" as const, orgID } },
    { action, resource: { type: "orgs" as const, id: orgID } },
  ]);
  return await new AuthorizationsAPI(influx).postAuthorizations({ body: { orgID, permissions } });
}

const isWrite = (path: string): boolean => path.startsWith("/api/v2/write");

scenario(
  "InfluxDB may be away when the history is opened: nothing is taken, and all is well when it comes",
  async ({ place }) => {
    place.proxy.fault = () => "refuse";
    const store = place.open();
    assert.is(await store.cursor(), 0);
    const windows = [windowOf([observation({ count: 7 })])];
    for (const ask of [() => store.append(windows, 1), () => store.totals(MINUTE_OF_TEST), () => store.nodes()]) {
      assert.instance(await failure(ask()), StoreAwayError);
    }
    assert.is(await store.cursor(), 0);
    place.proxy.fault = () => undefined;
    await store.append(windows, 1);
    assert.is(await total(store), 7);
  },
);

scenario(
  "wherever writing is cut off, before or after InfluxDB has it, every request is there once",
  async ({ place }) => {
    const random = randomOf(1);
    let store = place.open();
    let expected = 0;
    for (let round = 1; round <= 40; round++) {
      // Named otherwise in each attempt, as when control learns a route or the inventory changes in between.
      const windows = (attempt: number) =>
        Array.from({ length: 20 }, (_, at) => {
          const named = observation({ route: `/${round}-${attempt}`, count: 1 + at });
          return windowOf([named], { startMs: START_MS + ((round * 7 + at) % 50) * SECOND });
        });
      expected += 210;
      let until = Math.floor(random() * 6);
      const kind = random() < 0.5 ? ("refuse" as const) : ("lose" as const);
      place.proxy.fault = ({ path }) => (isWrite(path) && until-- <= 0 ? kind : undefined);
      for (let attempt = 0; (await store.cursor()) < round; attempt++) {
        await store.append(windows(attempt), round).catch(() => undefined);
        // Killed half the time: what a process knew is gone, its journal is there.
        if (random() < 0.5) store = place.open();
        until = Math.floor(random() * 10);
      }
      if (round % 10 !== 0) continue;
      place.proxy.fault = () => undefined;
      await store.expire(START_MS + 60 * SECOND);
      assert.is(await total(store), expected, `round ${round}`);
    }
    place.proxy.fault = () => undefined;
    await store.append([], 1_000);
    const windowed = await pointsOf(store, {}, MINUTE_OF_TEST, SECOND);
    assert.is(
      windowed.map(requests).reduce((a, b) => a + b),
      expected,
    );
    assert.equal([...place.dropped], []);
  },
);

scenario("asked to wait, it waits: until Retry-After is over no write goes out", async ({ place }) => {
  const store = place.open();
  await store.append([windowOf([observation()])], 1);
  place.proxy.fault = ({ path }) => (isWrite(path) ? { status: 429, headers: { "retry-after": "30" } } : undefined);
  assert.match((await failure(store.append([windowOf([observation()])], 2))).message, "429");
  const before = place.proxy.writes;
  place.proxy.fault = () => undefined;
  assert.match((await failure(store.append([], 3))).message, /asked to be left alone for \d+ ms/);
  assert.is(place.proxy.writes, before);
  assert.is(await total(place.open()), 2, "what was handed over is sent by the next control");
});

scenario("503 without a word on when is tried again at once", async ({ place }) => {
  const store = place.open();
  await store.append([windowOf([observation()])], 1);
  place.proxy.fault = ({ path }) => (isWrite(path) ? { status: 503 } : undefined);
  assert.match((await failure(store.append([windowOf([observation()])], 2))).message, "503");
  place.proxy.fault = () => undefined;
  await store.append([], 3);
  assert.is(await total(store), 2);
});

scenario("bodies that are too large are halved until they are not", async ({ place }) => {
  const store = place.open();
  await store.append([windowOf([observation()])], 1);
  const limit = 3_000;
  place.proxy.fault = ({ path, body }) => (isWrite(path) && body.length > limit ? { status: 413 } : undefined);
  const random = randomOf(5);
  const many = Array.from({ length: 3_000 }, () => observation({ route: `/${random()}`, count: 2 }));
  await store.append([windowOf(many)], 2);
  assert.is(await total(store), 6_001);
  assert.ok(place.proxy.writes > 20, `${place.proxy.writes} writes`);
  assert.equal([...place.dropped], []);
});

scenario(
  "points that InfluxDB keeps no more are counted and given up, and do not block what comes after",
  async ({ place }) => {
    // To this control the windows are fresh; to the server they are years old.
    const store = place.open({ retention: true });
    await store.append([windowOf([observation(), observation({ route: "/b" })])], 1);
    assert.is(await store.cursor(), 1);
    assert.ok((place.dropped.get("retention") ?? 0) >= 2, JSON.stringify([...place.dropped]));
    assert.not.ok(place.dropped.has("refused"));
    const nowMs = Math.floor(Date.now() / 60_000) * 60_000;
    await store.append([windowOf([observation({ count: 5 })], { startMs: nowMs })], 2);
    assert.is(await total(store, { fromMs: nowMs, toMs: nowMs + 60_000 }), 5);
  },
);

scenario(
  "a point that InfluxDB takes for malformed is found and given up; the others are written",
  async ({ place }) => {
    const store = place.open();
    const malformed = { code: "invalid", message: "unable to parse" };
    place.proxy.fault = ({ path, body }) =>
      isWrite(path) && body.includes("route=/bad") ? { status: 400, body: malformed } : undefined;
    const routes = ["/a", "/b", "/bad", "/c", "/d"];
    await store.append([windowOf(routes.map((route) => observation({ route })))], 1);
    assert.is(await total(store), 4);
    assert.is(place.dropped.get("refused"), 1);
  },
);

scenario("an InfluxDB that never answers is broken off when control stops", async ({ place }) => {
  const store = place.open();
  await store.append([windowOf([observation()])], 1);
  place.proxy.fault = ({ path }) => (isWrite(path) ? "stall" : undefined);
  const waiting = failure(store.append([windowOf([observation({ count: 2 })])], 2));
  while (place.proxy.seen.at(-1)?.path.startsWith("/query")) await new Promise((resolve) => setTimeout(resolve, 5));
  store.breakOff();
  assert.instance(await waiting, StoreAwayError);
  place.proxy.fault = () => undefined;
  assert.is(await total(place.open()), 3);
});

scenario(
  "a token that was revoked is named as what to mend; the next one is taken without a restart",
  async ({ place }) => {
    const given = await authorize(["read", "write"]);
    let token = given.token!;
    const store = place.open({ token: () => token });
    await store.append([windowOf([observation()])], 1);
    const influx = new InfluxDB({ url: server.url, token: server.token });
    await new AuthorizationsAPI(influx).deleteAuthorizationsID({ authID: given.id! });
    const error = await failure(store.append([windowOf([observation()])], 2));
    assert.match(error.message, /401 unauthorized.*set SIDELIGHT_INFLUX_TOKEN to one that is/);
    token = server.token;
    await store.append([], 3);
    assert.is(await total(store), 2);
  },
);

scenario("a token that may not make buckets is told so", async ({ place }) => {
  const given = await authorize(["read"]);
  const error = await failure(place.open({ token: () => given.token! }).append([], 1));
  assert.match(error.message, /Making the bucket case\d+_1s in InfluxDB: .*Give the token the right/);
});

scenario("an organisation that is not there is named", async ({ place }) => {
  const error = await failure(place.open({ org: "nobody" }).append([], 1));
  assert.match(error.message, /organisation nobody .*SIDELIGHT_INFLUX_ORG/);
});

scenario(
  "buckets have the retention of their resolution, and one that someone removed is made again",
  async ({ place }) => {
    const store = place.open({ retention: true, now: Date.now });
    const startMs = Math.floor(Date.now() / 60_000) * 60_000;
    await store.append([windowOf([observation()], { startMs })], 1);
    const buckets = new BucketsAPI(new InfluxDB({ url: server.url, token: server.token }));
    const { buckets: found = [] } = await buckets.getBuckets({ org: server.org, limit: 100 });
    const own = found.filter(({ name }) => name.startsWith(`case${places}_`));
    const hours = Object.fromEntries(
      own.map(({ name, retentionRules }) => [name.split("_")[1] ?? "", retentionRules[0]!.everySeconds / 3_600]),
    ) as Record<string, number>;
    assert.equal(hours, { "1s": 4, "10s": 27, "1m": 30 * 24 + 3, "1h": 365 * 24 + 3, names: 365 * 24 + 3 });
    await buckets.deleteBucketsID({ bucketID: own.find(({ name }) => name.endsWith("_1s"))!.id! });
    await failure(store.append([windowOf([observation({ count: 3 })], { startMs })], 2));
    await store.append([], 3);
    assert.is(await total(store, { fromMs: startMs, toMs: startMs + 1 * SECOND }), 3);
  },
);

scenario("two controls that report the same of the same millisecond do not overwrite each other", async ({ place }) => {
  const [one, two] = [place.open(), place.open({}, "two")];
  for (const [at, store] of [one, two, one, two].entries()) {
    await store.append([windowOf([timed(10 ** at, 5)])], at + 1);
  }
  for (const store of [one, two]) {
    assert.is(await total(store), 1_111);
    assert.is(await total(store, { fromMs: START_MS, toMs: START_MS + 500 }), 556, "cut, each window by itself");
  }
  await one.expire(START_MS + 60 * SECOND);
  for (const store of [one, two]) assert.is(await total(store), 1_111, "one has merged its slot, the other not yet");
  await two.expire(START_MS + 3 * HOUR);
  for (const store of [one, two]) assert.is(await total(store), 1_111, "both have");
});

/** Removes what InfluxDB's own retention would have removed by an instant. */
async function dropBefore(bucket: string, ms: number): Promise<void> {
  const stop = new Date(ms).toISOString();
  const body = { start: "1970-01-01T00:00:00Z", stop };
  const influx = new InfluxDB({ url: server.url, token: server.token });
  await new DeleteAPI(influx).postDelete({ org: server.org, bucket, body });
}

scenario(
  "over four resolutions nothing is lost or doubled, late or long, while InfluxDB drops what is old",
  async ({ place }) => {
    const random = randomOf(3);
    let nowMs = START_MS - (START_MS % HOUR);
    const fromMs = nowMs - 6 * HOUR;
    const open = (): InfluxStore => place.open({ now: () => nowMs });
    let store = open();
    let expected = 0;
    for (let cursor = 1; cursor <= 60; cursor++) {
      nowMs += Math.floor(random() * 90 * 60) * SECOND;
      const windows = Array.from({ length: 5 }, () => {
        const lateMs = random() < 0.7 ? 0 : Math.floor(random() ** 2 * 30 * HOUR);
        const durationMs = random() < 0.7 ? 1_000 : Math.floor(1 + random() ** 3 * 5 * HOUR);
        const endMs = Math.max(fromMs + durationMs, nowMs - lateMs);
        const count = Math.floor(random() * 100);
        expected += count;
        return windowOf([timed(count, 1 + random() * 500)], { startMs: endMs - durationMs, durationMs });
      });
      await store.append(windows, cursor);
      if (random() < 0.5) await store.expire(nowMs);
      if (random() < 0.2) store = open();
      await dropBefore(`case${places}_1s`, nowMs - 4 * HOUR);
      await dropBefore(`case${places}_10s`, nowMs - 27 * HOUR);
      const whole = { fromMs, toMs: nowMs + HOUR - (nowMs % HOUR) };
      assert.is(await total(store, whole), expected, `after ${cursor}, aligned`);
      assert.is(await total(store, { ...whole, toMs: nowMs + 1 }), expected, `after ${cursor}`);
    }
    assert.equal([...place.dropped], []);
  },
);

scenario("a journal that is none is refused with what to do, and left as it is", async ({ place }) => {
  const journal = join(place.folder, "one");
  await writeFile(journal, '{"format":"somethi');
  const error = await failure(Promise.resolve().then(() => place.open()));
  assert.match(error.message, /The journal .*one is damaged.*Move it away/);
  assert.is(await readFile(journal, "utf8"), '{"format":"somethi');
});

test.run();
