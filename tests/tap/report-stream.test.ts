/** Against a real control: what is told arrives once, whatever happens to control meanwhile. */
import { once } from "node:events";
import { mkdtemp, rm } from "node:fs/promises";
import { connect, createServer } from "node:net";
import type { AddressInfo, Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { suite } from "uvu";
import * as assert from "uvu/assert";

import { LossKind, ReporterKind, Side } from "#proto/ingest.ts";
import type { Batch, Settings } from "#proto/ingest.ts";
import { freePort } from "../../demo/free-port.ts";
import { BatchQueue } from "../../tap/batch-queue.ts";
import { ReportStream } from "../../tap/report-stream.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { helloOf } from "../control/reporter-client.ts";
import { until } from "../control/until.ts";
import { loud } from "../loud.ts";

interface Context {
  folder: string;
  control: ControlProcess;
  environment: NodeJS.ProcessEnv;
}

const test = suite<Context>("the tap's reports");

test.before(
  loud(async (context) => {
    context.folder = await mkdtemp(join(tmpdir(), "sidelight-tap-"));
    context.environment = {
      SIDELIGHT_GRPC_LISTEN: `127.0.0.1:${await freePort("127.0.0.1")}`,
      SIDELIGHT_DATA_DIR: join(context.folder, "data"),
      SIDELIGHT_REPORT_INTERVAL_MS: "700",
    };
    context.control = await ControlProcess.start(context.environment);
  }),
);

test.after(async ({ control, folder }) => {
  await control.end("SIGTERM");
  await rm(folder, { recursive: true, force: true });
});

function reports(target: string) {
  const queue = new BatchQueue();
  const said: string[] = [];
  const settings: Settings[] = [];
  const hello = helloOf({ kind: ReporterKind.REPORTER_KIND_TAP, nodeId: "node-1" });
  const stream = new ReportStream({
    target,
    hello: () => hello,
    queue,
    onSettings: (taught) => settings.push(taught),
    onCovered: () => undefined,
    say: (text) => said.push(text),
  });
  return { queue, stream, said, settings };
}

/** A batch of requests that passed a wire. */
function wire(count: number, losses: Batch["losses"] = []): Batch {
  return batchOf([{ side: Side.SIDE_WIRE, peer: { client: "10.1.0.1", address: "10.1.0.2:80" }, count }], { losses });
}

/** Requests that control has counted in all. */
async function counted(control: ControlProcess): Promise<number> {
  return (await control.totals()).reduce((sum, { outcomes }) => sum + outcomes.success, 0);
}

test("batches are acknowledged, settings heard, and the last word said", async ({ control }) => {
  const { queue, stream, settings } = reports(control.grpc);
  stream.start();
  for (let i = 0; i < 40; i += 1) queue.add(wire(3));
  stream.send();
  await until(() => queue.size === 0);
  assert.is(settings[0]?.intervalMillis, 700);
  queue.add(wire(1, [{ kind: LossKind.LOSS_KIND_KERNEL_DROPS, count: 7 }]));
  assert.is(await stream.end(5_000), 0);
  await until(async () => (await counted(control)) === 121);
});

test("control is killed and comes back twice: every request once", async (context) => {
  const { queue, stream, said } = reports(context.control.grpc);
  stream.start();
  const before = await counted(context.control);
  let sent = 0;
  const tell = (batches: number) => {
    for (let i = 0; i < batches; i += 1) {
      queue.add(wire(2));
      sent += 2;
    }
    stream.send();
  };
  for (let round = 0; round < 2; round += 1) {
    tell(30);
    await until(() => queue.size < 25, 6_000);
    tell(30);
    await context.control.end("SIGKILL");
    tell(30);
    context.control = await ControlProcess.start(context.environment);
  }
  await until(() => queue.size === 0, 6_000);
  assert.is(await stream.end(5_000), 0);
  await until(async () => (await counted(context.control)) === before + sent);
  assert.is(said.filter((text) => text.includes("cannot be reached")).length, 2);
});

test("control that is not there is waited for, and what it did not take is told", async () => {
  const { queue, stream, said } = reports(`127.0.0.1:${await freePort("127.0.0.1")}`);
  stream.start();
  queue.add(wire(1));
  stream.send();
  await until(() => said.length > 0);
  assert.match(said[0]!, /cannot be reached, so counts wait/);
  assert.is(await stream.end(50), 1);
});

test("what takes connections and answers none is given up, and the next connection leads elsewhere", async ({
  control,
}) => {
  const before = await counted(control);
  const [host = "", port = ""] = control.grpc.split(":");
  const open: Socket[] = [];
  const way = createServer((socket) => {
    open.push(socket.on("error", () => undefined));
    if (open.length === 1) return;
    const onward = connect({ host, port: Number(port) }).on("error", () => undefined);
    open.push(onward);
    socket.pipe(onward).pipe(socket);
  }).listen(0, "127.0.0.1");
  await once(way, "listening");
  const { queue, stream, said } = reports(`127.0.0.1:${(way.address() as AddressInfo).port}`);
  stream.start();
  queue.add(wire(5));
  stream.send();
  try {
    await until(() => queue.size === 0, 15_000);
    assert.match(said[0]!, /cannot be reached, so counts wait: no answer within/);
    assert.is(await stream.end(5_000), 0);
    await until(async () => (await counted(control)) === before + 5);
  } finally {
    for (const socket of open) socket.destroy();
    way.close();
  }
});

test.run();
