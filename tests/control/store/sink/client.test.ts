import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { gunzipSync } from "node:zlib";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { SinkClient, SinkError } from "../../../../control/store/sink/client.ts";
import type { SinkServer } from "../../../../control/store/sink/client.ts";

/** What a server answers to lines. */
type Answer = (lines: readonly string[]) => { status: number; headers?: Record<string, string> };

let answer: Answer = () => ({ status: 204 });
let seen: { path: string; lines: string[]; authorization: string | undefined }[] = [];
let refused = 0;
let server: Server;

test.before.each(async () => {
  seen = [];
  refused = 0;
  server = createServer((request, response) => {
    void buffer(request).then((body) => {
      const lines = gunzipSync(body).toString().split("\n");
      const { status, headers = {} } = answer(lines);
      if (status < 300) seen.push({ path: request.url ?? "", lines, authorization: request.headers.authorization });
      response.writeHead(status, headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
});

test.after.each(() => {
  server.closeAllConnections();
  server.close();
});

function client(more: Partial<SinkServer> = {}): SinkClient {
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/insert/0/influx/`;
  const options = { url, org: "ops", bucket: "b", token: () => "secret", ...more };
  return new SinkClient(options, (points) => (refused += points));
}

const LINES = Array.from({ length: 12_000 }, (_, at) => `m,at=${at} n=1i 1`);

test("lines go below the server's path, some thousand at a time, in order, with the token", async () => {
  answer = () => ({ status: 204 });
  await client().write(LINES);
  assert.equal(
    seen.flatMap(({ lines }) => lines),
    LINES,
  );
  assert.equal(
    seen.map(({ lines }) => lines.length),
    [5_000, 5_000, 2_000],
  );
  const [first] = seen;
  assert.is(first!.path, "/insert/0/influx/api/v2/write?org=ops&bucket=b&precision=ms");
  assert.is(first!.authorization, "Token secret");
});

test("points that are refused are found by halving and given up; too large a body is halved", async () => {
  answer = (lines) => ({ status: lines.includes(LINES[17]!) ? 400 : lines.length > 900 ? 413 : 204 });
  await client().write(LINES.slice(0, 3_000));
  assert.is(refused, 1);
  assert.equal(
    seen.flatMap(({ lines }) => lines),
    LINES.slice(0, 3_000).filter((_, at) => at !== 17),
  );
});

test("a server that takes nothing at all is not asked for each point", async () => {
  let asked = 0;
  answer = () => ({ status: (asked++, 400) });
  await client().write(LINES.slice(0, 5_000));
  assert.is(refused, 5_000);
  assert.ok(asked < 200, `asked ${asked} times`);
});

test("all else is to be tried again, when the server asks for it", async () => {
  for (const status of [401, 404, 429, 500, 503]) {
    answer = () => ({ status, headers: { "retry-after": "7" } });
    const error = await client()
      .write(LINES)
      .catch((cause: unknown) => cause);
    assert.instance(error, SinkError);
    assert.equal([(error as SinkError).status, (error as SinkError).retryAfterMs], [status, 7_000]);
    assert.is((error as SinkError).message.includes("SIDELIGHT_SINK_TOKEN"), status === 401);
  }
  assert.is(refused, 0);
  const gone = await client({ url: "http://127.0.0.1:1" })
    .write(LINES)
    .catch((cause: unknown) => cause);
  assert.is((gone as SinkError).status, 0);
  assert.match((gone as SinkError).message, "no answer");
});

test.run();
