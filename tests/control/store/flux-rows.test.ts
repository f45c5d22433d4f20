/** What InfluxDB answers in CSV, in whatever pieces it comes; what a real one answers is in the contract suite. */
import { Readable } from "node:stream";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { fluxRows } from "../../../control/store/influxdb/flux-rows.ts";
import type { FluxRow } from "../../../control/store/influxdb/flux-rows.ts";

const POINTS = [
  ",result,table,_time,_value,_field,client,method,server",
  ",_result,0,2025-06-04T13:00:00Z,640x3 15,buckets,shop/web,GET,shop/orders",
  ",_result,0,2025-06-04T14:00:00Z,17,buckets,shop/web,GET,shop/orders",
  ',_result,0,2025-06-04T14:00:00Z,17,buckets,"ext/a,""b"" é",,shop/orders',
  "",
  ",result,table,_time,_value,_field,client,server",
  ",_result,1,2025-06-04T13:00:00Z,4,count,shop/web,shop/orders",
  "",
  "",
].join("\r\n");

async function rowsOf(text: string, pieceLength = Infinity): Promise<FluxRow[]> {
  const bytes = Buffer.from(text);
  const pieces: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += pieceLength) pieces.push(bytes.subarray(at, at + pieceLength));
  const rows: FluxRow[] = [];
  for await (const some of fluxRows(Readable.from(pieces) as AsyncIterable<Uint8Array>)) rows.push(...some);
  return rows;
}

test("rows have their time, value, field and tags, wherever the answer is cut", async () => {
  const thirteen = Date.UTC(2025, 5, 4, 13);
  const fourteen = Date.UTC(2025, 5, 4, 14);
  const named = { client: "shop/web", method: "GET", server: "shop/orders" };
  const quoted = { client: 'ext/a,"b" é', method: "", server: "shop/orders" };
  const expected = [
    { field: "buckets", value: "640x3 15", atMs: thirteen, tags: named },
    { field: "buckets", value: "17", atMs: fourteen, tags: named },
    { field: "buckets", value: "17", atMs: fourteen, tags: quoted },
    { field: "count", value: "4", atMs: thirteen, tags: { client: "shop/web", server: "shop/orders" } },
  ];
  for (const length of [1, 7, 64, Infinity]) assert.equal(await rowsOf(POINTS, length), expected);
  const [first, second] = await rowsOf(POINTS);
  assert.is(first!.tags, second!.tags, "one series has one object");
});

test("sums have no time", async () => {
  const header = ",result,table,_start,_stop,_value,_field,server";
  const row = ",_result,0,2025-06-04T13:00:00Z,2025-06-04T14:00:00Z,9,count,shop/orders";
  const [sum] = await rowsOf(`${header}\r\n${row}\r\n\r\n`);
  assert.equal(sum, { field: "count", value: "9", atMs: NaN, tags: { server: "shop/orders" } });
});

test("nothing comes of an empty answer", async () => {
  assert.equal(await rowsOf("\r\n"), []);
});

test("what goes wrong halfway is an error with the server's words", async () => {
  const wrong =
    '#datatype,string,string\r\n#group,true,true\r\n#default,,\r\n,error,reference\r\n,"no, really",897\r\n';
  for (const text of [wrong, POINTS + wrong, 'error,reference\r\n"no, really",897\r\n']) {
    const error = await rowsOf(text).then(
      () => assert.unreachable("no error"),
      (cause: Error) => cause,
    );
    assert.is((error as Error).message, "no, really");
  }
});

test("columns that are not those that were asked for are told", async () => {
  await rowsOf(",result,table,_time,server\r\n,_result,0,2025-06-04T13:00:00Z,a\r\n").then(
    () => assert.unreachable("no error"),
    (error: Error) => assert.match(error.message, "_time,server"),
  );
});

test.run();
