/** Alerts of a whole control: what fails is told once, by the rules of a folder, over a control that is killed in between. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { Server } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Outcome } from "#proto/ingest.ts";
import type {
  AlertsNow,
  Applied,
  BacktestResult,
  ReceiverStatus,
  ShownIncident,
} from "../../control/api/alert-source.ts";
import type { Objective } from "../../control/alerts/objective.ts";
import { batchOf } from "../control/batches.ts";
import { ControlProcess } from "../control/control-process.ts";
import { ReporterClient } from "../control/reporter-client.ts";
import { eventually } from "../e2e/stack.ts";
import { loud } from "../loud.ts";

/** Reporters have 16 s to return after a start, a slot is judged when it is over, and an incident waits 30 s for others. */
const LIMIT_MS = 180_000;

const INVENTORY = `
workloads:
  - { namespace: shop, name: orders, addresses: [10.0.0.1], annotations: { sidelight.dev/slo: p99 < 1s } }
  - { namespace: shop, name: user, addresses: [10.0.0.2], annotations: { sidelight.dev/owner: team-users, sidelight.dev/slo: "95" } }
`;

const RULES = (webhook: string): string => `
apiVersion: sidelight.dev/v1
kind: Alert
metadata: { name: failing }
spec:
  severity: critical
  groupBy: [workload, method, route]
  threshold: { errors: { above: 5%, clear: 4% }, window: 1m, minRequests: 10 }
  keep: 10s
---
apiVersion: sidelight.dev/v1
kind: Alert
metadata: { name: broken }
spec: { severity: critical, threshold: { errors: { above: 500% } } }
---
apiVersion: sidelight.dev/v1
kind: Receiver
metadata: { name: hook }
spec: { webhook: { url: "${webhook}" } }
`;

/** What of a webhook's body is looked at. */
interface Told {
  readonly id: string;
  readonly incident: Pick<ShownIncident, "id" | "state" | "origin" | "alerts">;
}

interface Context {
  folder: string;
  hook: Server;
  told: Told[];
  control: ControlProcess;
  client: ReporterClient;
  traffic: { isFailing: boolean; timer: NodeJS.Timeout };
}

const test = suite<Context>("alerts");

/** A second's requests, again and again, as the server's sidecar counts them. */
function traffic(context: Context): Context["traffic"] {
  const made: Context["traffic"] = {
    isFailing: false,
    timer: setInterval(() => {
      const asked = { peer: { address: "10.0.0.1" }, method: "GET", route: "/cards" };
      const failed = { ...asked, outcome: Outcome.OUTCOME_SERVER_ERROR, status: 500, count: 8 };
      context.client.send(batchOf([{ ...asked, count: 12 }, ...(made.isFailing ? [failed] : [])]));
    }, 1_000),
  };
  return made;
}

async function startControl(context: Context): Promise<void> {
  context.control = await ControlProcess.start({
    SIDELIGHT_DATA_DIR: join(context.folder, "data"),
    SIDELIGHT_INVENTORY: join(context.folder, "inventory.yaml"),
    SIDELIGHT_ALERTS_DIR: join(context.folder, "rules"),
    SIDELIGHT_PUBLIC_URL: "https://sidelight.example/",
  });
  context.client = new ReporterClient({ target: context.control.grpc, hello: { namespace: "shop", workload: "user" } });
}

test.before(
  loud(async (context) => {
    context.folder = mkdtempSync(join(tmpdir(), "sidelight-alerts-"));
    context.told = [];
    context.hook = createServer((request, response) => {
      let body = "";
      request.on("data", (chunk: Buffer) => (body += chunk.toString()));
      request.on("end", () => {
        context.told.push(JSON.parse(body) as Told);
        response.end();
      });
    }).listen(0, "127.0.0.1");
    await new Promise((resolve) => context.hook.once("listening", resolve));
    const { port } = context.hook.address() as AddressInfo;
    mkdirSync(join(context.folder, "rules"));
    writeFileSync(join(context.folder, "inventory.yaml"), INVENTORY);
    writeFileSync(join(context.folder, "rules", "rules.yaml"), RULES(`http://127.0.0.1:${port}/`));
    await startControl(context);
    context.traffic = traffic(context);
  }),
);

test.after(async ({ traffic, client, control, hook, folder }) => {
  clearInterval(traffic.timer);
  client.close();
  await control.end("SIGKILL");
  hook.close();
  rmSync(folder, { recursive: true, force: true });
});

const now = ({ control }: Context): Promise<AlertsNow> => control.json<AlertsNow>("/api/v1/alerts");

test("what fails fires, and is told once with where it comes from", async (context) => {
  const ready = await eventually(
    () => now(context).catch(() => undefined),
    (answer) => answer?.waits === "" && answer.atMs > 0,
    LIMIT_MS,
  );
  assert.equal(ready?.alerts, [], "nothing is wrong yet");
  context.traffic.isFailing = true;
  await eventually(
    () => Promise.resolve(context.told),
    (told) => told.length > 0,
    LIMIT_MS,
  );
  const { incident } = context.told[0]!;
  assert.is(incident.state, "firing");
  assert.equal(incident.origin, { server: "shop/user", method: "GET", route: "/cards" });
  const failing = incident.alerts.find(({ rule }) => rule === "failing");
  assert.equal(failing?.labels, { workload: "shop/user", method: "GET", route: "/cards" });
  assert.is(failing?.owner, "team-users", "by the workload's annotation");
  const { alerts } = await now(context);
  assert.ok(
    alerts.some(({ rule, state }) => rule === "failing" && state === "firing"),
    "the API says so too",
  );
});

test("what is wrong in one object is told, and stops no other", async ({ control }) => {
  const { objects } = await control.json<{ objects: readonly { name: string; error: string }[] }>("/api/v1/objects");
  assert.match(objects.find(({ name }) => name === "broken")?.error ?? "", /above/);
  assert.match(objects.find(({ name }) => name === "shop.orders")?.error ?? "", /of shop\/orders: .*write 99 under 1s/);
});

test("a control that is killed goes on where it was, and says nothing twice", async (context) => {
  const before = await now(context);
  await context.control.end("SIGKILL");
  context.client.close();
  await startControl(context);
  const after = await eventually(
    () => now(context).catch(() => undefined),
    (answer) => answer?.waits === "" && answer.atMs > before.atMs,
    LIMIT_MS,
  );
  const idOf = ({ alerts }: AlertsNow): string | undefined => alerts.find(({ rule }) => rule === "failing")?.id;
  assert.is(idOf(after!), idOf(before), "it is the same alert");
  assert.is(context.told.length, 1, "and it is not told again");
});

test("a workload's annotation takes the place of the default, and is heeded when it changes", async (context) => {
  const { control, folder } = context;
  const promised = async (): Promise<string[]> => {
    const { objectives } = await control.json<{ objectives: readonly Objective[] }>("/api/v1/objectives");
    const ofUser = objectives.filter(({ labels }) => labels["workload"] === "shop/user");
    return ofUser.map(({ slo, objective }) => `${slo} ${objective}`).sort();
  };
  assert.equal(await promised(), ["latency 0.99", "shop.user.availability 0.95"]);
  writeFileSync(join(folder, "inventory.yaml"), INVENTORY.replace('"95"', '"90, 99 under 2s"'));
  const changed = ["shop.user.availability 0.9", "shop.user.latency 0.99"];
  assert.equal(await eventually(promised, (now) => now.join() === changed.join(), LIMIT_MS), changed);
});

test("rules are tried on the past, and objectives tell what they used up", async ({ control }) => {
  const { objectives } = await control.json<{ objectives: readonly Objective[] }>(
    "/api/v1/objectives?slo=shop.user.availability",
  );
  const [objective] = objectives.filter(({ labels }) => labels["workload"] === "shop/user");
  assert.ok(objective!.bad > 0 && objective!.budgetLeft < 1, "the failures are in the budget");
  assert.is(await triedOnThePast(control, { yaml: "", name: "failing" }), 1, "it would have fired once, and did");
});

test("a workload that promises something of itself is left out of the default that is tried in another form, too", async ({
  control,
}) => {
  const slo = (name: string): string => `
apiVersion: sidelight.dev/v1
kind: SLO
metadata: { name: ${name} }
spec: { groupBy: [workload], indicator: availability, objective: 99.99 }
`;
  assert.ok((await triedOnThePast(control, { yaml: slo("everybody"), name: "" })) > 0, "of everybody it fires");
  assert.is(await triedOnThePast(control, { yaml: slo("availability"), name: "" }), 0);
});

/** How often rules would have fired in the last hour. */
async function triedOnThePast({ http }: ControlProcess, rules: { yaml: string; name: string }): Promise<number> {
  const answer = await fetch(`http://${http}/api/v1/backtest`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ ...rules, from: Date.now() - 3_600_000, to: Date.now() }),
  });
  const text = await answer.text();
  assert.ok(answer.ok, text);
  const lines = text.trim().split("\n");
  const last = lines.findLast((line) => line.includes("stepMs")) ?? "";
  const found = JSON.parse(last.slice(last.indexOf("{"))) as { result?: BacktestResult } & BacktestResult;
  return (found.result ?? found).total;
}

test("a mute holds back what fires, and is applied and deleted over the API", async ({ control }) => {
  const mute = `
apiVersion: sidelight.dev/v1
kind: Mute
metadata: { name: quiet }
spec:
  matchers: ["workload=shop/user"]
  from: ${new Date(Date.now() - 60_000).toISOString()}
  to: ${new Date(Date.now() + 3_600_000).toISOString()}
  author: test
  reason: a test
`;
  const applied = (await (
    await fetch(`http://${control.http}/api/v1/objects`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ yaml: mute, dryRun: false }),
    })
  ).json()) as Applied;
  assert.equal(applied.problems, []);
  const { alerts } = await control.json<AlertsNow>("/api/v1/alerts");
  assert.ok(alerts.length > 0 && alerts.every(({ mutedBy }) => mutedBy === "quiet"));
  const deleted = await fetch(`http://${control.http}/api/v1/objects/Mute/quiet`, { method: "DELETE" });
  assert.ok(deleted.ok, await deleted.text());
});

test("what is over is told once, and stands in the history", async (context) => {
  context.traffic.isFailing = false;
  await eventually(
    () => now(context),
    ({ alerts }) => !alerts.some(({ rule }) => rule === "failing"),
    LIMIT_MS,
  );
  const { alerts } = await eventually(
    () => context.control.json<AlertsNow>(`/api/v1/alerts?from=${Date.now() - 3_600_000}&to=${Date.now()}`),
    (answer) => answer.alerts.some(({ rule, state }) => rule === "failing" && state === "resolved"),
    LIMIT_MS,
  );
  const past = alerts.find(({ rule }) => rule === "failing");
  assert.ok(past?.firedMs !== null && past!.resolvedMs! > past!.firedMs);
  const { receivers } = await context.control.json<{ receivers: readonly ReceiverStatus[] }>("/api/v1/receivers");
  assert.equal(
    receivers.map(({ name, kind, error }) => ({ name, kind, error })),
    [{ name: "hook", kind: "webhook", error: "" }],
  );
});

test.run();
