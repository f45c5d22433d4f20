import { suite } from "uvu";
import * as assert from "uvu/assert";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { shopRoutes } from "../api/fixture-routes.ts";
import { type Result, command, run } from "./run.ts";

const routes = suite("sidelight routes");
let control: ControlUnderTest;
const sidelight = (...args: string[]): Promise<Result> =>
  run(process.execPath, [command, "routes", ...args], { env: { SIDELIGHT_SERVER: control.grpc } });

routes.before(
  loud(async () => {
    control = await startControl({ routes: shopRoutes() });
  }),
);

routes.after(() => control.close());

routes("a line a rule, with where it is from", async () => {
  const { code, stdout, stderr } = await sidelight("shop/user");
  assert.equal([code, stderr], [0, ""]);
  assert.equal(
    stdout
      .trimEnd()
      .split("\n")
      .map((line) => line.replace(/ +/g, " ")),
    [
      "2 stated 2 learned 12 untaught namespace shop",
      "",
      "SERVER RULE SOURCE SINCE (UTC) VALUES",
      "all /assets/** settings ",
      "user GET /cards/{card} annotation ",
      "user /customers/{id} learned 2026-03-01 10:30 1,061",
      "user /customers/search learned 2026-03-01 10:30",
    ],
  );
});

routes("for programs, and to forget", async () => {
  const of = async (): Promise<unknown[]> =>
    (JSON.parse((await sidelight("--json")).stdout) as { rules: unknown[] }).rules;
  assert.equal((await of())[2], {
    ...{ server: "shop/user", rule: "/customers/{id}", source: "learned", values: 1_061 },
    since: "2026-03-01T10:30:00.000Z",
  });
  const { code, stdout } = await sidelight("forget", "shop/user", "/customers/{id}");
  assert.equal([code, stdout], [0, "shop/user keeps what stands at /customers/{id} apart from now on.\n"]);
  assert.is((await of()).length, 3);
  const again = await sidelight("forget", "shop/user", "/customers/{id}");
  assert.is(again.code, 1);
  assert.match(again.stderr, /No place "\/customers\/\{id\}" was learned/);
  assert.is((await sidelight("forget", "shop/user")).code, 2);
  const unknown = await sidelight("shop/usre");
  assert.is(unknown.code, 1);
  assert.match(unknown.stderr, /No server "shop\/usre" is known/);
});

routes.run();
