/**
 * A process for inbox.test.ts: appends batches to the inbox at argv[2] for the instance argv[3], as fast as they become
 * durable and a few ahead, and prints each sequence when it is. To be killed from outside; with a further argument it
 * ends when the disk refuses and says after which sequence.
 */
import { writeSync } from "node:fs";
import { Inbox } from "../../../control/ingest/inbox.ts";

const [path = "", instance = "", untilFull] = process.argv.slice(2);
const inbox = Inbox.open({ path, maxBytes: 1 << 30 });
const padding = untilFull ? " ".repeat(20_000) : "";

for (let sequence = inbox.highWaterMark(instance) + 1; ; sequence += 1) {
  const value = Buffer.from(`${sequence}${padding}`);
  const result = inbox.append({ instance, sequence, receivedMs: Date.now(), value });
  if (result.kind === "full") throw new Error("the inbox is full");
  const durable = result.durable.then(
    () => void writeSync(1, `${sequence}\n`),
    (error: Error) => {
      if (!untilFull) throw error;
      writeSync(1, `refused after ${inbox.highWaterMark(instance)}: ${error.message}\n`);
      process.exit(0);
    },
  );
  if (sequence % 7 === 0) await durable;
}
