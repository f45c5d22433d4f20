/** What a tap saw of connections, as `sidelight edges` shows it beside what sidecars say. */
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { WireCounts } from "../../../control/identity/observation.ts";
import { bucketsOf } from "../../../control/world/histogram.ts";
import { loud } from "../../loud.ts";
import { type ControlUnderTest, startControl } from "../api/fixture-control.ts";
import { connected, served, windowOf } from "../api/fixture-shop.ts";
import { command, run } from "./run.ts";

const cli = suite("sidelight edges, with a tap");
let control: ControlUnderTest;
const edges = (...args: readonly string[]) =>
  run(process.execPath, [command, "edges", ...args], { env: { SIDELIGHT_SERVER: control.grpc } });

/** Well within the half minute that is shown, however slow the machine is. */
const SECONDS = 8;
const BEFORE = 8;
/** Milliseconds of a second's handshakes. */
const HANDSHAKES = [2, 2, 2, 50];

/** A second in which nothing else tells of the ends: one edge of which connections were opened, and one of which none was. */
function heard(startMs: number) {
  const wire = (counts: Partial<WireCounts>): WireCounts => {
    return { refused: 0, resets: 0, retransmissions: 0, handshakes: [], ...counts };
  };
  const tcp = (server: string, counts: WireCounts) => {
    return { ...connected("shop/orders", server, { opened: 4, open: 3 }), side: "wire" as const, wire: counts };
  };
  const handshakes = bucketsOf(HANDSHAKES.map((millis) => millis * 1000));
  return windowOf("tap/n1", startMs, [
    tcp("shop/user-db", wire({ refused: 1, resets: 2, retransmissions: 300, handshakes })),
    tcp("shop/user", wire({})),
    { ...served({ client: "shop/front-end", server: "shop/orders", count: 1 }), side: "wire" },
  ]);
}

cli.before(
  loud(async () => {
    control = await startControl({ empty: true });
    const nowMs = Date.now();
    for (let ago = BEFORE + SECONDS; ago > BEFORE; ago--) control.world.add(heard(nowMs - ago * 1000));
    control.feed.added();
  }),
);
cli.after(() => control.close());

cli("a column each for what was refused, reset, sent again, and for the time that opening took", async () => {
  const { code, stdout } = await edges();
  assert.is(code, 0);
  const lines = stdout.trimEnd().split("\n");
  const columns = "OPEN +SENT +GOT +REFUSED +RESET +RESENT +HANDSHAKE +TOTAL";
  assert.match(lines[2]!, new RegExp(`^HEALTH +CLIENT +SERVER +PROTO +RATE +ERRORS +P50 +P95 +P99 +${columns}$`));
  const line = (end: string): string => lines.find((text) => text.includes(end)) ?? "";
  assert.match(line("user-db"), / tcp .* 3 +\S+ kB\/s +\S+ kB\/s +8 +16 +2,400 +2\.01 ms +32$/);
  assert.match(line("user  "), / tcp .* 3 +\S+ kB\/s +\S+ kB\/s +0 +0 +0 +– +32$/);
  // Requests have no connections of their own to tell of.
  assert.match(line("front-end"), / http .* ms +8$/);
});

cli("the columns are not there where no tap is", async () => {
  const { stdout } = await edges("--namespace", "nowhere");
  assert.not.match(stdout, "REFUSED");
});

cli("--json has the same without rounding, and nulls where nothing was opened", async () => {
  const { stdout } = await edges("--json", "--sort", "name");
  const all = (JSON.parse(stdout) as { edges: { server: string; wire?: Record<string, number | null> }[] }).edges;
  const wireOf = (server: string) => all.find((edge) => edge.server === server)?.wire;
  const { handshakeP50Seconds: p50, handshakeP99Seconds: p99, ...counts } = wireOf("shop/user-db")!;
  const { handshakeP95Seconds: p95, ...numbers } = counts;
  assert.equal(numbers, { refused: SECONDS, resets: 2 * SECONDS, retransmissions: 300 * SECONDS });
  assert.ok(Math.abs(p50! - 0.002) < 0.00002 && Math.abs(p99! - 0.05) < 0.0005 && Math.abs(p95! - 0.05) < 0.0005);
  assert.equal(wireOf("shop/user"), {
    ...{ refused: 0, resets: 0, retransmissions: 0 },
    ...{ handshakeP50Seconds: null, handshakeP95Seconds: null, handshakeP99Seconds: null },
  });
  assert.is(wireOf("shop/orders"), undefined);
});

cli.run();
