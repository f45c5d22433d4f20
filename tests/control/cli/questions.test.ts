/** What is asked of the past, of parts of the world and of its course over time. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parseInstant } from "../../../control/cli/question-options.ts";
import { courseOf } from "../../../control/cli/series-view.ts";
import { type BothApis, startBoth } from "../api/fixture-both.ts";
import { loud } from "../../loud.ts";
import { type Result, command, run } from "./run.ts";

const questions = suite("sidelight's questions");
let both: BothApis;
let then: string;
const sidelight = (...args: readonly string[]): Promise<Result> =>
  run(process.execPath, [command, ...args], { env: { SIDELIGHT_SERVER: both.control.grpc } });

async function answered<Document>(...args: readonly string[]): Promise<Document> {
  const { code, stdout, stderr } = await sidelight(...args, "--json");
  assert.is(code, 0, stderr);
  return JSON.parse(stdout) as Document;
}

questions.before(
  loud(async () => {
    both = await startBoth();
    then = new Date(both.thenMs).toISOString();
  }),
);

questions.after(() => both.close());

interface Edges {
  readonly at: string;
  readonly windowSeconds: number;
  readonly edges: readonly { readonly client: string; readonly server: string; readonly requests: number }[];
}

const namesOf = ({ edges }: Edges): string[] => edges.map(({ client, server }) => `${client}>${server}`).sort();

questions("edges: of a past moment, over a length of time, filtered", async () => {
  const whole = await answered<Edges>("edges", "--at", then, "--since", "10s");
  assert.equal([whole.at, whole.windowSeconds, whole.edges.length], [then, 10, 4]);
  const half = await answered<Edges>("edges", "--at", then, "--since", "5s");
  const sum = ({ edges }: Edges): number => edges.reduce((total, { requests }) => total + requests, 0);
  assert.is(sum(half) * 2, sum(whole));
  const http = await answered<Edges>("edges", "--at", then, "--filter", "protocol!=tcp", "-f", "client.workload=user");
  assert.equal(http.edges, []);
  const table = await sidelight("edges", "--at", then, "--since", "10s", "-f", "protocol=tcp");
  assert.match(table.stdout, /1 edge over 10 s/);
});

questions("edges: merged by namespace, around a workload", async () => {
  const groups = await answered<Edges>("edges", "--group-by", "namespace");
  assert.ok(namesOf(groups).includes("shop>shop"), namesOf(groups).join(" "));
  const around = await answered<Edges>("edges", "--around", "shop/user", "--direction", "servers");
  assert.equal(namesOf(around), ["shop/user>shop/user-db"]);
  const two = await answered<Edges>("edges", "--around", "shop/user-db", "--hops", "2", "--direction", "clients");
  assert.equal(namesOf(two), ["shop/front-end>shop/user", "shop/orders>shop/user", "shop/user>shop/user-db"]);
});

interface Pods {
  readonly pods: readonly { readonly id: string; readonly inbound: { readonly requests: number } }[];
}

questions("pods: of a workload, of a past moment, and in a table; one that is not known by name too", async () => {
  const { pods } = await answered<Pods>("pods", "shop/user", "--at", then, "--since", "10s", "--order", "errors");
  assert.equal(
    pods.map(({ id }) => id),
    ["shop/user-0", "shop/user-1"],
  );
  assert.is(pods[0]!.inbound.requests, 100);
  const { stdout } = await sidelight("pods", "--at", then, "--since", "10s");
  assert.match(stdout, /5 pods over 10 s {2}namespace shop/);
  assert.match(stdout, /user-0 +user +worker-0 +v1/);
  assert.match(stdout, /\n *– +user-db/);
});

questions("edges: between pods, filtered by where they run", async () => {
  const of = ["edges", "--group-by", "pod", "--filter", "server.node=worker-1"];
  assert.equal(namesOf(await answered<Edges>(...of)), ["shop/orders-0>shop/user-1"]);
});

questions("endpoints: of a past moment, as top tells those of now", async () => {
  const asked = ["endpoints", "--at", then, "--since", "10s", "--of", "shop/user", "-f", "route~cards"];
  const past = await answered<{ at: string; endpoints: { route: string; requests: number }[] }>(...asked);
  assert.is(past.at, then);
  assert.equal(
    past.endpoints.map(({ route }) => route),
    ["/cards/{id}"],
  );
  const table = await sidelight(...asked);
  assert.match(table.stdout, /1 endpoint over 10 s/);
  assert.match(table.stdout, /✗ failing +.*GET \/cards\/\{id\}/);
});

questions("paths: from one end to the other, a line a way", async () => {
  const table = await sidelight("paths", "external/internet", "shop/user-db");
  assert.is(table.code, 0, table.stderr);
  assert.match(table.stdout, /external\/internet → front-end → user → user-db/);
  const { paths } = await answered<{ paths: { nodes: string[]; edges: unknown[] }[] }>(
    "paths",
    "shop/orders",
    "shop/user",
  );
  assert.equal(paths[0]?.nodes, ["shop/orders", "shop/user"]);
  const none = await sidelight("paths", "shop/user-db", "shop/user");
  assert.match(none.stdout, "No request leads from shop/user-db to shop/user");
  assert.is((await sidelight("paths", "shop/nobody", "shop/user")).code, 1);
});

interface Told {
  readonly stepSeconds: number;
  readonly series: readonly {
    readonly labels: readonly string[];
    readonly total: { readonly requests: number };
    readonly points: readonly { readonly requests: number; readonly latencySeconds: readonly number[] | null }[];
  }[];
}

questions("series: a line a group with its course, every point for programs", async () => {
  const asked = ["series", "--at", then, "--since", "10s", "--step", "1s", "-g", "server.workload", "-p", "99"];
  const { series, stepSeconds } = await answered<Told>(...asked);
  assert.is(stepSeconds, 1);
  const user = series.find(({ labels }) => labels[0] === "shop/user")!;
  assert.is(user.points.length, 10);
  assert.is(
    user.points.reduce((sum, { requests }) => sum + requests, 0),
    user.total.requests,
  );
  assert.ok(user.points.every(({ latencySeconds }) => latencySeconds?.length === 1));
  const table = await sidelight(...asked);
  assert.match(table.stdout, /^GROUP +REQUESTS +RATE +ERRORS +P99 +BYTES +COURSE$/m);
  assert.match(table.stdout, /^shop\/user +.* ██████████$/m);
});

questions("what makes no sense is status 2, before control is asked", async () => {
  const cases: readonly (readonly [readonly string[], string])[] = [
    [["edges", "--at", "yesterday"], "looks like 03:14"],
    [["edges", "--filter", "colour=red"], 'no attribute "colour"'],
    [["edges", "--watch", "--at", "03:14"], "leave --at and --since out"],
    [["series", "--percentile", "100"], "above 0 and below 100"],
    [["paths", "shop/user"], "missing required argument"],
  ];
  const results = await Promise.all(cases.map(([args]) => sidelight(...args)));
  results.forEach(({ code, stderr }, index) => {
    const [args, message] = cases[index]!;
    assert.is(code, 2, `${args.join(" ")}: ${stderr}`);
    assert.ok(stderr.includes(message), stderr);
  });
});

questions("what control refuses names what is wrong", async () => {
  const { code, stderr } = await sidelight("series", "--filter", "health=failing");
  assert.is(code, 1);
  assert.match(stderr, /filters\[0\]/);
});

questions("a moment: a date, a time of day, or how long ago", () => {
  assert.is(parseInstant("2026-03-01T03:14Z").getTime(), Date.UTC(2026, 2, 1, 3, 14));
  assert.is(parseInstant("2026-03-01T03:14:15+01:00").getTime(), Date.UTC(2026, 2, 1, 2, 14, 15));
  const ago = Date.now() - parseInstant("2h").getTime();
  assert.ok(Math.abs(ago - 7_200_000) < 60_000, String(ago));
  const night = parseInstant("03:14");
  assert.equal([night.getHours(), night.getMinutes(), night.getSeconds()], [3, 14, 0]);
  assert.ok(night.getTime() <= Date.now() && Date.now() - night.getTime() < 90_000_000);
  for (const wrong of ["", "now", "25:00", "03:60", "2026-13-01", "12", "2026-03-01T25:00Z"]) {
    assert.throws(() => parseInstant(wrong), /looks like/, wrong);
  }
});

questions("a course is drawn from 0 to its highest, many points as one bar", () => {
  assert.is(courseOf([0, 1, 2, 4, 8]), " ▁▂▄█");
  assert.is(courseOf([undefined, 1, undefined]), " █ ");
  assert.is(courseOf([]), "");
  assert.is(courseOf(Array.from({ length: 400 }, (_, at) => at)).length, 40);
});

questions.run();
