import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { AlertsData, IncidentsData } from "../../../control/cli/alerts-view.ts";
import { loud } from "../../loud.ts";
import { AT_MS, MemoryAlerts, objective, shownAlert, shownIncident } from "../api/fixture-alerts.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { type Result, type RunOptions, command, run } from "./run.ts";

const cli = suite("sidelight alerts, incidents and slo list");
let control: ControlUnderTest;
let alerts: MemoryAlerts;

cli.before.each(
  loud(async () => {
    alerts = new MemoryAlerts();
    control = await startControl({ alerts, alertsFeed: { minIntervalMs: 1 } });
  }),
);

cli.after.each(() => control.close());

function sidelight(args: readonly string[], options: RunOptions = {}): Promise<Result> {
  return run(process.execPath, [command, ...args], { env: { SIDELIGHT_SERVER: control.grpc, TZ: "UTC" }, ...options });
}

/** Lines without the spaces that align them. */
const linesOf = ({ stdout }: Result): string[] =>
  stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +/g, " ").trim());

cli("alerts, a line each", async () => {
  const pending = { state: "pending", firedMs: null, severity: "warning", rule: "slow", owner: "" } as const;
  const muted = shownAlert({ severity: "warning", mutedBy: "night", rule: "errors" });
  alerts.change({ alerts: [shownAlert(), muted, shownAlert({ ...pending, summary: "slow \u001b[31m" })] });
  const result = await sidelight(["alerts"]);
  assert.equal([result.code, result.stderr], [0, ""]);
  assert.equal(linesOf(result), [
    "1 critical, 1 warning, 1 pending judged up to 10:00:00",
    "",
    "STATE SINCE RULE WHAT OWNER",
    "✗ critical 09:50:00 user-availability 5.2 % of requests to shop/user failed over 5 min (limit 1 %) team-user",
    "! warning, muted 09:50:00 errors 5.2 % of requests to shop/user failed over 5 min (limit 1 %) team-user",
    "… pending 09:50:00 slow slow \ufffd[31m",
  ]);
});

cli("alerts of a rule and labels, for programs", async () => {
  alerts.change({ alerts: [shownAlert(), shownAlert({ rule: "slow" })] });
  const { stdout } = await sidelight(["alerts", "--rule", "slow", "-l", "workload=shop/user", "--json"]);
  const { at, alerts: told } = JSON.parse(stdout) as { at: string; alerts: Record<string, unknown>[] };
  assert.is(at, new Date(AT_MS).toISOString());
  assert.equal(
    told.map(({ rule, state, severity, usual, resolved }) => [rule, state, severity, usual, resolved]),
    [["slow", "firing", "critical", null, null]],
  );
  const wrong = await sidelight(["alerts", "-l", "shop/user"]);
  assert.is(wrong.code, 1);
  assert.match(wrong.stderr, "must look like workload=shop/user");
});

cli("nothing is firing, and why nothing is judged", async () => {
  alerts.change({ alerts: [], waits: "the history is not there yet" });
  const lines = linesOf(await sidelight(["alerts"]));
  assert.is(lines[0], "nothing is firing judged up to 10:00:00 nothing is judged now: the history is not there yet");
  assert.is(lines[2], "No alerts.");
});

cli("a watch writes what is open after each change, until it is stopped", async () => {
  const { code, stdout } = await sidelight(["alerts", "--watch", "--json"], {
    onOutput(text, child) {
      const lines = text.split("\n").length - 1;
      if (lines === 1) alerts.change({ alerts: [] });
      if (lines === 2) child.kill("SIGINT");
    },
  });
  assert.is(code, 0);
  const counts = stdout
    .trimEnd()
    .split("\n")
    .map((line) => (JSON.parse(line) as { alerts: unknown[] }).alerts.length);
  assert.equal(counts, [1, 0]);
});

/** What a watch writes first. */
async function firstOf(args: readonly string[]): Promise<string> {
  const { code, stdout } = await sidelight(args, {
    onOutput: (text, child) => void (text.endsWith("\n") && child.kill("SIGINT")),
  });
  assert.is(code, 0);
  return stdout.split("\n")[0]!;
}

cli("a watch of some alerts, and of incidents", async () => {
  alerts.change({
    alerts: [shownAlert(), shownAlert({ rule: "slow" }), shownAlert({ rule: "slow", id: "more" })],
    incidents: [shownIncident(), shownIncident({ id: "two" })],
  });
  const asked = ["--rule", "slow", "-l", "workload=shop/user", "-n", "1", "--json"];
  const some = JSON.parse(await firstOf(["alerts", "--watch", ...asked])) as AlertsData;
  assert.equal([some.alerts.map(({ rule }) => rule), some.isCut], [["slow"], true]);
  const all = JSON.parse(await firstOf(["incidents", "--watch", "--json"])) as IncidentsData;
  assert.equal([all.incidents.map(({ id }) => id), all.isCut], [["one", "two"], false]);
  assert.match(await firstOf(["incidents", "-w", "-n", "1"]), "there may be more (--limit)");
  for (const command of ["alerts", "incidents"]) {
    const { code, stderr } = await sidelight([command, "--watch", "--since", "1h"]);
    assert.is(code, 2);
    assert.match(stderr, "leave --since out");
  }
});

cli("incidents, with their origin and whom they hurt", async () => {
  const unknown = shownIncident({ id: "two", origin: { server: "", method: "", route: "" }, affected: [] });
  alerts.change({ incidents: [shownIncident(), { ...unknown, severity: "warning" }] });
  assert.equal(linesOf(await sidelight(["incidents"])), [
    "1 critical, 1 warning judged up to 10:00:00",
    "",
    "STATE SINCE LASTED ORIGIN ALERTS WHAT HURTS",
    "✗ critical 09:50:00 10 min shop/user GET /cards 1 5.2 % of requests to shop/user failed over 5 min (limit 1 %) shop/front-end, shop/orders",
    "! warning 09:50:00 10 min – 1 5.2 % of requests to shop/user failed over 5 min (limit 1 %)",
  ]);
  const { stdout } = await sidelight(["incidents", "--json"]);
  const { incidents } = JSON.parse(stdout) as { incidents: Record<string, unknown>[] };
  assert.equal([incidents[0]?.["server"], incidents[0]?.["isTold"]], ["shop/user", true]);
});

cli("a past that nobody keeps is said", async () => {
  const { code, stderr } = await sidelight(["incidents", "--since", "7d"]);
  assert.is(code, 3);
  assert.match(stderr, "Control is starting");
});

cli("objectives with what is left of their budgets", async () => {
  const fine = { slo: "orders", title: "", state: null, severity: null, runsOutMs: null, owner: "" } as const;
  alerts.budgets = [objective({ budgetLeft: -0.25, runsOutMs: null }), objective(), objective(fine)];
  assert.equal(linesOf(await sidelight(["slo", "list"])), [
    "3 objectives 1 without budget judged up to 10:00:00",
    "",
    "STATE OBJECTIVE PROMISED OVER ACTUAL BUDGET LEFT BURNS RUNS OUT OWNER",
    "✗ critical availability of shop/user 99.9 % 30 d 99.95 % -25 % 2x in 60 min, 0.5x in 6 h team-user",
    "✗ critical availability of shop/user 99.9 % 30 d 99.95 % 50 % 2x in 60 min, 0.5x in 6 h 16:00:00 team-user",
    "· fine orders 99.9 % 30 d 99.95 % 50 % 2x in 60 min, 0.5x in 6 h",
  ]);
  const { stdout } = await sidelight(["slo", "list", "orders", "--json"]);
  const { objectives } = JSON.parse(stdout) as { objectives: Record<string, unknown>[] };
  assert.equal(
    objectives.map(({ slo, state, windowSeconds, runsOut }) => [slo, state, windowSeconds, runsOut]),
    [["orders", "none", 2_592_000, null]],
  );
  const unknown = await sidelight(["slo", "list", "user-availabilty"]);
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, "did you mean user-availability?");
});

cli.run();
