import { closeSync, mkdtempSync, openSync, rmSync, statSync, truncateSync, writeSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { Inbox } from "../../../control/ingest/inbox.ts";

/** Makes an inbox with twenty entries, damages its file, and gives the error of opening it again. */
async function openDamaged(damage: (file: string, size: number) => void): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), "sidelight-damage-"));
  try {
    const path = join(folder, "inbox");
    const inbox = Inbox.open({ path, maxBytes: 1 << 24 });
    for (let sequence = 1; sequence <= 20; sequence += 1) {
      const value = Buffer.alloc(6000, sequence);
      const result = inbox.append({ instance: "a".repeat(32), sequence, receivedMs: 1, value });
      if (result.kind !== "full") await result.durable;
    }
    await inbox.close();
    const file = join(path, "data.mdb");
    damage(file, statSync(file).size);
    try {
      await Inbox.open({ path, maxBytes: 1 << 24 }).close();
      return "";
    } catch (error) {
      return (error as Error).message;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function overwrite(file: string, at: number, bytes: number): void {
  const handle = openSync(file, "r+");
  writeSync(handle, Buffer.alloc(bytes, 0xff), 0, bytes, at);
  closeSync(handle);
}

test("an undamaged file opens", async () => {
  assert.is(await openDamaged(() => undefined), "");
});

// Without the checks these end the process with SIGBUS or SIGSEGV.
const damages: [string, (file: string, size: number) => void][] = [
  ["cut off by more than a page", (file, size) => truncateSync(file, size - 5000)],
  ["cut off after its first pages", (file) => truncateSync(file, 12_288)],
  ["cut off within its second page", (file) => truncateSync(file, 5_000)],
  ["cut off within its first page", (file) => truncateSync(file, 100)],
  ["first pages overwritten", (file) => overwrite(file, 0, 8192)],
  ["a meta page overwritten", (file) => overwrite(file, 20, 60)],
];

for (const [name, damage] of damages) {
  test(`a damaged file is told, not crashed on: ${name}`, async () => {
    assert.match(await openDamaged(damage), /Opening the inbox at .*move the folder away/);
  });
}

test.run();
