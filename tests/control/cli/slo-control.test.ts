import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ALERTING_KINDS, defaultObjects } from "../../../control/alerts/objects/defaults.ts";
import { ObjectBook } from "../../../control/alerts/objects/object-book.ts";
import { frameText } from "../../../control/alerts/objects/problem.ts";
import type { Applied, StatedObject } from "../../../control/api/alert-source.ts";
import { loud } from "../../loud.ts";
import { MemoryAlerts } from "../api/fixture-alerts.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { type Result, command, run } from "./run.ts";

/** What the default that learns waits for. */
const WAITS = "learning: knows what is usual for 0 of 3; each needs 24 hours first";

/** Alerts whose objects are those of a real book. */
class BookAlerts extends MemoryAlerts {
  constructor(readonly book: ObjectBook) {
    super();
  }

  override objects(): readonly StatedObject[] {
    return this.book.shown().map((object) => ({ ...object, waits: object.name.includes("usual") ? WAITS : "" }));
  }

  override apply(yaml: string, isDryRun: boolean): Promise<Applied> {
    const { changes, problems } = this.book.apply(yaml, isDryRun);
    const shown = problems.map((problem) => ({ ...problem, object: problem.name, frame: frameText(problem) }));
    return Promise.resolve({ changes, problems: shown });
  }

  override remove(kind: string, name: string): Promise<boolean> {
    return Promise.resolve(this.book.remove(kind, name));
  }
}

const slo = suite("sidelight slo, with control");
let path = "";
let control: ControlUnderTest;
let alerts: BookAlerts;
const sidelight = (...args: string[]): Promise<Result> =>
  run(process.execPath, [command, "slo", ...args], { env: { SIDELIGHT_SERVER: control.grpc } });

slo.before(
  loud(async () => {
    path = mkdtempSync(join(tmpdir(), "sidelight-slo-"));
    mkdirSync(join(path, "git"));
    writeFileSync(join(path, "git", "team.yaml"), object("of-git", "99"));
    const watcher = { changed: () => undefined, refused: () => undefined };
    const [folder, own] = [join(path, "git"), join(path, "own")];
    const book = await ObjectBook.open({ kinds: ALERTING_KINDS, defaults: defaultObjects(), folder, own, watcher });
    alerts = new BookAlerts(book);
    control = await startControl({ alerts });
  }),
);

slo.after(async () => {
  await control.close();
  rmSync(path, { recursive: true, force: true });
});

function object(name: string, objective: string): string {
  return `apiVersion: sidelight.dev/v1\nkind: SLO\nmetadata: {name: ${name}}\nspec: {indicator: connect, objective: ${objective}}\n`;
}

function write(file: string, text: string): string {
  writeFileSync(join(path, file), text);
  return join(path, file);
}

slo("diff changes nothing, apply does, list shows it, delete takes it away", async () => {
  const file = write("mine.yaml", object("mine", "99"));
  assert.equal((await sidelight("diff", file)).stdout.split("\n").slice(0, 2), [
    "SLO mine",
    "+ apiVersion: sidelight.dev/v1",
  ]);
  assert.is(
    alerts.book.inForce().some(({ name }) => name === "mine"),
    false,
  );
  assert.is((await sidelight("apply", file)).stdout, "SLO mine added\n");
  assert.is((await sidelight("apply", file)).stdout, "Nothing has changed.\n");
  const { stdout } = await sidelight("diff", write("mine.yaml", object("mine", "99.5")));
  const spec = (objective: string): string => `spec: {indicator: connect, objective: ${objective}}`;
  assert.is(stdout, `SLO mine\n- ${spec("99")}\n+ ${spec("99.5")}\n`);
  const list = (await sidelight("objects", "--kind", "SLO")).stdout;
  assert.match(list, /^SLO +mine +api *$/m);
  assert.match(list, /^SLO +of-git +team\.yaml *$/m);
  assert.match(list, /^SLO +availability +default *$/m);
  assert.is((await sidelight("delete", "SLO", "mine")).stdout, "SLO mine deleted\n");
  assert.is((await sidelight("delete", "SLO", "mine")).code, 1);
});

slo("objects says what a rule waits for, as people and as programs read it", async () => {
  const { stdout } = await sidelight("objects");
  assert.match(stdout, new RegExp(`endpoint-slower-than-usual +default +${WAITS}\n`));
  const { objects } = JSON.parse((await sidelight("objects", "--json")).stdout) as { objects: StatedObject[] };
  assert.equal(
    objects.filter(({ waits }) => waits !== "").map(({ waits }) => waits),
    [WAITS],
  );
});

slo("what control refuses is told at the line of its file", async () => {
  const files = [write("a.yaml", object("fine", "99")), write("b.yaml", `# of Git\n${object("of-git", "98")}`)];
  const { code, stderr } = await sidelight("apply", ...files);
  assert.is(code, 1);
  assert.is(
    stderr,
    `sidelight: nothing was changed\n${files[1]}:4:18: the file team.yaml states the SLO of this name; change it there\n`,
  );
  assert.is(
    alerts.book.inForce().some(({ name }) => name === "fine"),
    false,
  );
});

slo("what is wrong in a file is told before control is asked", async () => {
  const { code, stderr } = await sidelight("apply", write("c.yaml", object("c", "1")));
  assert.is(code, 1);
  assert.match(stderr, /c\.yaml:4:39: spec\.objective: 1 percent is hardly meant/);
  assert.is(
    alerts.calls.some(([name]) => name === "apply"),
    false,
  );
});

slo("backtest: each time that a rule would have fired", async () => {
  const { code, stdout, stderr } = await sidelight("backtest", write("d.yaml", object("d", "99")), "--since", "12h");
  assert.equal([code, stderr], [0, ""]);
  const [since, refused, headline] = stdout.split("\n");
  assert.match(since!, /^nothing is known from before .*\d\d:\d\d/);
  assert.is(refused, "nobody-calls is not judged: silence is not judged");
  assert.match(headline!, /^1 alert in 1 incident /);
  assert.match(stdout, /critical +user-availability +5\.2 % of requests to shop\/user failed/);
  const [, question] = alerts.calls.find(([name]) => name === "backtest") as [
    string,
    { yaml: string; range: { fromMs: number; toMs: number } },
  ];
  assert.is(question.yaml, object("d", "99"));
  assert.is(question.range.toMs - question.range.fromMs, 12 * 3_600_000);
  const json = JSON.parse((await sidelight("backtest", "--json")).stdout) as { total: number };
  assert.is(json.total, 1);
});

slo.run();
