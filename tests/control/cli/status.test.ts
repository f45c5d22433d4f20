import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { clusterOptIn } from "../api/fixture-opted-in.ts";
import { type Result, command, run } from "./run.ts";

const status = suite("sidelight status");
let control: ControlUnderTest;
const sidelight = (...args: string[]): Promise<Result> =>
  run(process.execPath, [command, "status", ...args], { env: { SIDELIGHT_SERVER: control.grpc } });

status.before(
  loud(async () => {
    control = await startControl({ optIn: clusterOptIn });
  }),
);
status.after(() => control.close());

status("a line a workload, and below what is wrong", async () => {
  const { code, stdout, stderr } = await sidelight();
  assert.equal([code, stderr], [0, ""]);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => line.replace(/ +/g, " "));
  assert.is(lines[0], "2 turned on 1 reporting");
  assert.is(lines[2], "WORKLOAD STATE BY PLUGIN WRITTEN SIDECARS REPORTS FOR LAST");
  assert.match(lines[3] ?? "", /^shop\/user · reporting namespace sidelight [0-9]+ \w+ 3\/3 [0-9]+ \w+ [0-9]+ \w+$/);
  assert.is(lines[4], "store/cart ✗ not written workload – – 0/1 – –");
  assert.equal(lines.slice(5), ["", "Namespace x says yes", "store/cart: The webhook said no"]);
});

status("JSON for programs, of one namespace", async () => {
  const { stdout } = await sidelight("store", "--json");
  const { isLeader, workloads } = JSON.parse(stdout) as { isLeader: boolean; workloads: object[] };
  assert.is(isLeader, true);
  assert.equal(workloads, [
    {
      ...{
        workload: "store/cart",
        kind: "Rollout",
        state: "notWritten",
        by: "workload",
        plugin: "",
        pods: 1,
        included: 1,
      },
      ...{ sidecars: 0, problems: ["The webhook said no"], pluginSince: null, reportingSince: null, lastReport: null },
      ...{ meshed: 0, stated: { on: "template", name: "cart", value: "true" } },
    },
  ]);
});

status("--all tells of everybody, those among them who report without an annotation", async () => {
  const lines = (await sidelight("--all")).stdout.replace(/ +/g, " ").split("\n");
  assert.match(lines[5] ?? "", /^store\/gate · by hand – – – 2\/2 \d+ \w+ \d+ \w+$/);
  const { namespaces } = JSON.parse((await sidelight("--all", "--json")).stdout) as { namespaces: object[] };
  assert.equal(namespaces.at(-1), {
    ...{ name: "store", observe: null, isRoot: false, workloads: 2, on: 1, reporting: 1, problem: "" },
  });
});

status("--watch with --json writes a document each interval", async () => {
  const { stdout } = await run(process.execPath, [command, "status", "--watch", "--json", "--interval", "1"], {
    env: { SIDELIGHT_SERVER: control.grpc },
    onOutput: (text, child) => {
      if (text.trimEnd().split("\n").length >= 2) child.kill("SIGINT");
    },
  });
  for (const line of stdout.trimEnd().split("\n"))
    assert.is((JSON.parse(line) as { isLeader: boolean }).isLeader, true);
});

status.run();
