import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ReceiverServer, answer } from "../receiver-server.ts";

const CHILD = fileURLToPath(new URL("outbox-child.ts", import.meta.url));

/** Runs the process to its end. @returns the signal that ended it */
async function run(...given: readonly string[]): Promise<string | null> {
  const child = spawn(process.execPath, ["--import", "tsx", CHILD, ...given], {
    stdio: ["ignore", "ignore", "inherit"],
  });
  const [code, signal] = (await once(child, "exit")) as [number | null, string | null];
  if (signal === null) assert.is(code, 0);
  return signal;
}

for (const [step, state, expected] of [
  ["marked", "firing", ["i1/critical again", "i1/resolved"]],
  ["sent", "firing", ["i1/critical", "i1/critical again", "i1/resolved"]],
  ["marked", "resolved", ["i1/critical", "i1/resolved again"]],
  ["sent", "resolved", ["i1/critical", "i1/resolved", "i1/resolved again"]],
] as const) {
  test(`killed when ${state} was ${step}: each is told, what may be a repeat says so, and a third start tells nothing`, async () => {
    const folder = mkdtempSync(join(tmpdir(), "sidelight-outbox-"));
    const server = await ReceiverServer.start(answer(200));
    assert.is(await run(folder, server.url, step, state), "SIGKILL");
    for (let start = 0; start < 2; start++) assert.is(await run(folder, server.url), null);
    server.stop();
    rmSync(folder, { recursive: true, force: true });
    const told = server.bodies<{ id: string; mayBeRepeated: boolean }>();
    assert.equal(
      told.map(({ id, mayBeRepeated }) => (mayBeRepeated ? `${id} again` : id)),
      expected,
    );
  });
}

test.run();
