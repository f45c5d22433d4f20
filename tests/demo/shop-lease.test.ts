import { pino } from "pino";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Lease } from "../../demo/shop/stores/lease.ts";
import { StoreUnavailableError } from "../../demo/shop/stores/store-unavailable.ts";

const log = pino({ level: "silent" });

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 1));
}

test("a store that is not there yet is tried until it is", async () => {
  let attempts = 0;
  const lease = new Lease<number>({
    name: "store",
    log,
    firstRetryMs: 1,
    open: () => (++attempts < 4 ? Promise.reject(new Error("refused")) : Promise.resolve(attempts)),
    close: () => Promise.resolve(),
  });
  assert.throws(
    () => lease.current,
    (error: unknown) => error instanceof StoreUnavailableError,
  );
  lease.start();
  await until(() => lease.isReady);
  assert.is(lease.current, 4);
  await lease.stop();
  assert.not(lease.isReady);
});

test("a connection is replaced when its life is over, without a gap, and the old one closed", async () => {
  const closed: number[] = [];
  let opened = 0;
  let gaps = 0;
  const lease = new Lease<number>({
    name: "store",
    log,
    lifetimeMs: 5,
    graceMs: 1,
    open: () => {
      if (opened > 0 && !lease.isReady) gaps += 1;
      return Promise.resolve(++opened);
    },
    close: (resource) => Promise.resolve(void closed.push(resource)),
  });
  lease.start();
  await until(() => opened >= 4 && closed.length >= 2);
  assert.is(gaps, 0);
  assert.equal(closed.slice(0, 2), [1, 2]);
  await lease.stop();
  assert.is(closed.length, opened, "everything that was opened is closed in the end");
});

test("a connection that breaks is given up at once and opened again", async () => {
  let opened = 0;
  let breakIt: (cause: unknown) => void = () => {};
  let allowSecond = (): void => {};
  const second = new Promise<void>((resolve) => (allowSecond = resolve));
  const lease = new Lease<number>({
    name: "store",
    log,
    firstRetryMs: 1,
    graceMs: 1,
    open: async (broken) => {
      breakIt = broken;
      if (++opened === 2) await second;
      return opened;
    },
    // A broken connection often cannot be closed properly either.
    close: () => Promise.reject(new Error("already gone")),
  });
  lease.start();
  await until(() => lease.isReady);
  breakIt(new Error("reset"));
  await until(() => opened === 2);
  assert.not(lease.isReady, "nobody is given the broken connection");
  allowSecond();
  await until(() => lease.isReady);
  assert.is(lease.current, 2);
  await lease.stop();
});

test("a replacement that cannot be opened leaves the old connection in use", async () => {
  let attempts = 0;
  const lease = new Lease<number>({
    name: "store",
    log,
    lifetimeMs: 2,
    firstRetryMs: 1,
    open: () => (++attempts === 1 ? Promise.resolve(1) : Promise.reject(new Error("refused"))),
    close: () => Promise.resolve(),
  });
  lease.start();
  await until(() => attempts >= 3);
  assert.is(lease.current, 1);
  await lease.stop();
});

test.run();
