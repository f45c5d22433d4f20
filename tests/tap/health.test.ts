import type { AddressInfo } from "node:net";
import { test } from "uvu";
import * as assert from "uvu/assert";

import { serveHealth } from "../../tap/health.ts";
import { SettingsError } from "../../tap/settings.ts";

const found: string[] = [];
const server = await serveHealth({ listen: "127.0.0.1:0", troubles: () => found });
const { port } = server.address() as AddressInfo;

async function ask(path: string): Promise<readonly [number, string]> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.text()];
}

test.after(() => void server.close());

test("it is ready while nothing keeps it from its work, and says what does", async () => {
  assert.equal(await ask("/readyz"), [200, "ok\n"]);
  found.push("tcpdump does not capture", "control cannot be reached");
  assert.equal(await ask("/readyz"), [503, "tcpdump does not capture\ncontrol cannot be reached\n"]);
  assert.equal(await ask("/healthz"), [200, "ok\n"], "to start it anew would not help");
  assert.is((await ask("/"))[0], 404);
});

test("an address that is taken is named", async () => {
  try {
    await serveHealth({ listen: `127.0.0.1:${port}`, troubles: () => [] });
    assert.unreachable();
  } catch (error) {
    assert.instance(error, SettingsError);
    assert.match((error as Error).message, `cannot be told at 127.0.0.1:${port}`);
  }
});

test.run();
