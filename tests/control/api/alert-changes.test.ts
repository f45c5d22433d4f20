import { request } from "node:http";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { BacktestLine } from "../../../control/api/backtest-lines.ts";
import { StoreAwayError } from "../../../control/store/errors.ts";
import { loud } from "../../loud.ts";
import { AT_MS, MemoryAlerts, statedObject } from "./fixture-alerts.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

const changes = suite("what changes alerts over HTTP");
let control: ControlUnderTest;
let alerts: MemoryAlerts;

changes.before.each(
  loud(async () => {
    alerts = new MemoryAlerts();
    control = await startControl({ alerts });
  }),
);

changes.after.each(() => control.close());

function send(path: string, body: unknown, init: RequestInit = {}): Promise<Response> {
  return fetch(`${control.http}/api/v1/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json" },
    body: typeof body === "string" ? body : JSON.stringify(body),
    ...init,
  });
}

/** Status, field and message of a refusal. */
async function refusal(answer: Promise<Response>): Promise<[number, string | undefined, string]> {
  const response = await answer;
  const { error } = (await response.json()) as { error: { message: string; field?: string } };
  return [response.status, error.field, error.message];
}

const linesOf = (text: string): BacktestLine[] => {
  return text
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => JSON.parse(line) as BacktestLine);
};

/** Of the calls that were made those of one method. */
const called = (method: string): unknown[][] => alerts.calls.filter(([name]) => name === method);

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 5));
}

changes("objects are applied, or it is said what that would do", async () => {
  const response = await send("objects", { yaml: "kind: Alert", dryRun: true });
  const change = { kind: "Alert", name: "late", before: "", after: "kind: Alert" };
  assert.equal(await response.json(), { changes: [change], problems: [] });
  await (await send("objects", { yaml: "kind: Alert" })).arrayBuffer();
  assert.equal(alerts.calls, [
    ["apply", "kind: Alert", true],
    ["apply", "kind: Alert", false],
  ]);
});

changes("nothing but JSON is taken, so that no page of another origin can send it", async () => {
  for (const type of ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"]) {
    const [status] = await refusal(send("objects", '{"yaml": ""}', { headers: { "Content-Type": type } }));
    assert.is(status, 415, type);
    const test = send("receivers/pager/test", "{}", { headers: { "Content-Type": type } });
    assert.is((await refusal(test))[0], 415);
  }
  const charset = { "Content-Type": "application/json; charset=utf-8" };
  assert.is((await send("objects", { yaml: "" }, { headers: charset })).status, 200);
  const preflight = { "Access-Control-Request-Method": "DELETE", Origin: "http://elsewhere.test" };
  const asked = await fetch(`${control.http}/api/v1/objects/SLO/a`, { method: "OPTIONS", headers: preflight });
  assert.is(asked.status, 405);
  assert.is(asked.headers.get("access-control-allow-origin"), null);
  assert.is(alerts.calls.length, 1);
});

changes("what is wrong with a body is named", async () => {
  const wrong = [
    ["objects", {}, "yaml", "must be the text"],
    ["objects", { yaml: "a", dryrun: true }, "dryrun", "there are yaml, dryRun"],
    ["objects", { yaml: "a", dryRun: "yes" }, "dryRun", "must be true or false"],
    ["objects", [], undefined, "must be a JSON object"],
    ["objects", '{"yaml"', undefined, "The body is no JSON"],
    ["backtest", { from: "1" }, "from", "whole milliseconds"],
    ["backtest", { from: 2, to: 1 }, "from", 'must lie before "to"'],
    ["backtest", { from: 0, to: 32 * 86_400_000 }, "from", "more than 31 days"],
    ["receivers/pager/dead", { ids: ["a", 1] }, "ids.1", "must be the id"],
    ["receivers/pager/dead", { ids: Array.from({ length: 1_001 }, () => "a") }, "ids", "1000 at most"],
    ["receivers/pager/test", { to: "me" }, "to", "there are none"],
  ] as const;
  for (const [path, body, field, why] of wrong) {
    const [status, named, message] = await refusal(send(path, body));
    assert.equal([status, named], [400, field], `${path} ${JSON.stringify(body).slice(0, 60)}`);
    assert.match(message, why);
  }
  assert.equal((await refusal(send("objects?dryRun=true", { yaml: "a" }))).slice(0, 2), [400, "dryRun"]);
  assert.equal(alerts.calls, []);
});

changes("a body that is too large is refused, whether it says so or not", async () => {
  assert.is((await refusal(send("objects", { yaml: "a".repeat(1 << 20) })))[0], 413);
  const chunked = await new Promise<number | undefined>((resolve, reject) => {
    const headers = { "Content-Type": "application/json", "Transfer-Encoding": "chunked" };
    const asking = request(`${control.http}/api/v1/objects`, { method: "POST", headers }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    asking.on("error", reject);
    asking.end(JSON.stringify({ yaml: "a".repeat(1 << 20) }));
  });
  assert.is(chunked, 413);
  const [status, field] = await refusal(send("objects", { yaml: "a".repeat(1_000_001) }));
  assert.equal([status, field], [413, "yaml"]);
  assert.equal(alerts.calls, []);
});

changes("an object is deleted, and one that cannot be says where it can", async () => {
  alerts.written = [
    statedObject(),
    statedObject({ name: "orders", origin: "file", file: "/etc/rules/orders.yaml" }),
    statedObject({ kind: "Alert", name: "default-errors", origin: "default" }),
    statedObject({ name: "shop.user.latency", origin: "annotation" }),
  ];
  const remove = (path: string): Promise<Response> => send(`objects/${path}`, "", { method: "DELETE" });
  const response = await remove("SLO/user-availability");
  assert.equal([response.status, await response.json()], [200, {}]);
  assert.equal(called("remove"), [["remove", "SLO", "user-availability"]]);
  const [fileStatus, , fileMessage] = await refusal(remove("SLO/orders"));
  assert.is(fileStatus, 409);
  assert.match(fileMessage, "in the file /etc/rules/orders.yaml");
  const [defaultStatus, , defaultMessage] = await refusal(remove("Alert/default-errors"));
  assert.is(defaultStatus, 409);
  assert.match(defaultMessage, "comes with Sidelight");
  const [annotatedStatus, , annotatedMessage] = await refusal(remove("SLO/shop.user.latency"));
  assert.is(annotatedStatus, 409);
  assert.match(annotatedMessage, "stated by an annotation of its workload");
  const [goneStatus, goneField, goneMessage] = await refusal(remove("SLO/order"));
  assert.equal([goneStatus, goneField], [404, "name"]);
  assert.match(goneMessage, "did you mean orders?");
  assert.equal((await refusal(remove("Slo/orders"))).slice(0, 2), [400, "kind"]);
  assert.is(called("remove").length, 1);
});

changes("a receiver is tried, and what was given up is tried again or dropped", async () => {
  assert.equal(await (await send("receivers/pager/test", "")).json(), { error: "" });
  alerts.test = () => Promise.resolve("404 Not Found");
  assert.equal(await (await send("receivers/pager/test", {})).json(), { error: "404 Not Found" });
  assert.equal(await (await send("receivers/pager/dead", { ids: ["a", "b"], drop: true })).json(), { settled: 2 });
  assert.equal(await (await send("receivers/pager/dead", {})).json(), { settled: 1 });
  assert.equal(called("settle"), [
    ["settle", "pager", ["a", "b"], true],
    ["settle", "pager", [], false],
  ]);
  assert.equal((await refusal(send("receivers/pages/dead", {}))).slice(0, 2), [404, "name"]);
  alerts.test = () => Promise.resolve(undefined);
  const [status, field, message] = await refusal(send("receivers/pages/test", {}));
  assert.equal([status, field], [404, "name"]);
  assert.match(message, "did you mean pager?");
});

changes("methods that a route does not take are refused, with those that it does", async () => {
  const routes = [
    ["GET", "backtest", "POST"],
    ["PUT", "objects", "GET, HEAD, POST"],
    ["GET", "objects/SLO/a", "DELETE"],
    ["GET", "receivers/pager/test", "POST"],
    ["POST", "alerts", "GET, HEAD"],
  ] as const;
  for (const [method, path, allowed] of routes) {
    const response = await fetch(`${control.http}/api/v1/${path}`, { method });
    assert.equal([response.status, response.headers.get("allow")], [405, allowed], `${method} ${path}`);
    await response.arrayBuffer();
  }
});

// --- backtests ------------------------------------------------------------------------------------------------------

changes("a backtest tells how far it is, then what came of it", async () => {
  const range = { fromMs: AT_MS - 1_000, toMs: AT_MS };
  const response = await send("backtest", { yaml: "kind: Alert", name: "late", from: range.fromMs, to: range.toMs });
  assert.is(response.headers.get("content-type"), "application/x-ndjson");
  const lines = linesOf(await response.text());
  assert.equal(lines[0], { progress: 0.5 });
  const last = lines.at(-1)!;
  assert.ok("result" in last && last.result.total === 1);
  assert.equal(called("backtest"), [["backtest", { yaml: "kind: Alert", name: "late", range }]]);
});

changes("the last week is meant where no range is given", async () => {
  await (await send("backtest", {})).arrayBuffer();
  const [, { range }] = alerts.calls[0] as [string, { range: { fromMs: number; toMs: number } }];
  assert.is(range.toMs - range.fromMs, 7 * 86_400_000);
  assert.ok(Math.abs(Date.now() - range.toMs) < 3_600_000);
});

changes("a backtest that fails says so, before anything was told with a status", async () => {
  alerts.backtest = () => Promise.reject(new StoreAwayError("gone"));
  assert.is((await refusal(send("backtest", {})))[0], 503);
  alerts.backtest = async (_question, onProgress) => {
    onProgress(0.25);
    await new Promise((resolve) => setTimeout(resolve, 20));
    throw new StoreAwayError("gone");
  };
  const lines = linesOf(await (await send("backtest", {})).text());
  assert.equal(lines[0], { progress: 0.25 });
  assert.match(JSON.stringify(lines.at(-1)), /^\{"error":\{"message":"History cannot be read now/);
});

changes("who goes away calls a backtest off, and its place is free once it has ended", async () => {
  const signals: AbortSignal[] = [];
  let finish = (): void => {};
  const ended = new Promise<void>((resolve) => (finish = resolve));
  const { result } = await resultOf();
  alerts.backtest = async (_question, onProgress, signal) => {
    signals.push(signal);
    onProgress(0.1);
    await ended;
    return result;
  };
  const askers = [new AbortController(), new AbortController()];
  const readers = await Promise.all(askers.map(({ signal }) => send("backtest", {}, { signal })));
  const [status, , message] = await refusal(send("backtest", {}));
  assert.is(status, 503);
  assert.match(message, "2 backtests are under way");
  askers[0]!.abort();
  await until(() => signals.some(({ aborted }) => aborted));
  assert.is((await refusal(send("backtest", {})))[0], 503);
  finish();
  assert.ok("result" in linesOf(await readers[1]!.text()).at(-1)!);
  await until(() => signals.filter(({ aborted }) => aborted).length > 0);
  assert.is((await send("backtest", {})).status, 200);
});

async function resultOf(): Promise<Extract<BacktestLine, { result: unknown }>> {
  const last = linesOf(await (await send("backtest", {})).text()).at(-1)!;
  return last as Extract<BacktestLine, { result: unknown }>;
}

changes("while there is no news a backtest says again how far it is", async () => {
  await control.close();
  control = await startControl({ alerts, http: { stream: { heartbeatMs: 5 } } });
  const { result } = await resultOf();
  let finish = (): void => {};
  alerts.backtest = async (_question, onProgress) => {
    onProgress(0.75);
    await new Promise<void>((resolve) => (finish = resolve));
    return result;
  };
  const response = await send("backtest", {});
  let text = "";
  for await (const piece of response.body!.pipeThrough(new TextDecoderStream()) as unknown as AsyncIterable<string>) {
    text += piece;
    if (linesOf(text.slice(0, text.lastIndexOf("\n") + 1)).length >= 3) finish();
  }
  const lines = linesOf(text);
  assert.equal(lines.slice(0, 3), [{ progress: 0.75 }, { progress: 0.75 }, { progress: 0.75 }]);
  assert.ok("result" in lines.at(-1)!);
});

changes.run();
