/**
 * A host that lies by seed: each of its functions answers with errors, with nothing, too much, the wrong size or type, or
 * with addresses that are not the module's, between answers that are true. Meanwhile there are requests, connections,
 * ticks, configurations, streams that end, and messages from control, good and bad.
 */
import * as assert from "uvu/assert";

import { LossKind, ReportResponse } from "#proto/ingest.ts";
import { type Sabotage } from "./host.ts";
import { encodePairs } from "./pairs.ts";
import { generator, word } from "./random.ts";
import { type Request, Sidecar, blankTap, requestContext } from "./sidecar.ts";

type Random = (below: number) => number;

/** Functions whose value lies where the host's answer says; all others answer with a status and perhaps a number. */
const valued = new Set([
  "get_property",
  "get_header_map_pairs",
  "get_header_map_value",
  "get_buffer_bytes",
  "get_shared_data",
]);

const sizes = [0, 1, 4, 7, 8, 9, 16, 40, 300, 5000, 65_536, 70_000];
const junkRandom = generator(77);
const junk = Buffer.from(Array.from({ length: 80_000 }, () => junkRandom(256)));
const text = Buffer.from("spiffe://cluster.local/ns/shop/sa/orders;GET /orders/7?x=1[::1]:80,10.0.0.1:0 ".repeat(900));

function someBytes(random: Random): Buffer {
  const size = sizes[random(random(40) ? 8 : sizes.length)]!;
  const from = random(3) ? junk : text;
  const at = random(from.length - size);
  return from.subarray(at, at + size);
}

function somePairs(random: Random): Uint8Array {
  const names = [":path", ":method", ":authority", "content-type", "x-request-id", "traceparent", ":path", "\0", ""];
  const pairs = new Map(names.filter(() => random(2)).map((name) => [name, someBytes(random)]));
  const bytes = encodePairs(pairs);
  if (!random(3) && bytes.length) bytes[random(Math.min(bytes.length, 40))] = random(256);
  return bytes;
}

/** Functions that were lied about so far. */
export const liedAbout = new Set<string>();

/** Lies about half of the time. `isWild` lies about where values are, and what control said, too. */
function liar(random: Random, isWild: boolean): Sabotage {
  return (call) => {
    if (random(2)) return undefined;
    liedAbout.add(call);
    const hasValue = valued.has(call);
    // Not 0 = OK where nothing was done: that would take a batch away which the filter has to believe sent.
    if (random(5) < 2) return isWild || hasValue ? random(13) : 1 + random(12);
    const bytes = call === "get_header_map_pairs" && random(2) ? somePairs(random) : someBytes(random);
    if (!isWild) return { bytes: call === "get_buffer_bytes" ? withoutAcks(bytes) : bytes };
    return hasValue && !random(3) ? { bytes, ...somewhere(random) } : { bytes };
  };
}

function somewhere(random: Random): { at: number; size: number } {
  return { at: random(2 ** 32), size: random(2) ? random(2 ** 32) : random(64) };
}

/** Without the byte that an acknowledgement begins with: of one that control never gave nothing could come back. */
function withoutAcks(bytes: Uint8Array): Uint8Array {
  return bytes.map((byte) => ((byte & 0x7f) === 0x0a ? 0 : byte));
}

function someRequest(random: Random): Request {
  const request = {
    path: `/${word(random(50))}/${random(3) ? random(1e6) : word(random(300))}`,
    method: ["GET", "POST", "X"][random(3)]!,
    status: random(600),
    micros: random(2 ** 31),
    direction: random(3) as 0 | 1 | 2,
    flags: random(2) ? random(2 ** 29) : 0,
  };
  const outbound = { cluster: `c${random(9)}`, upstream: `10.0.0.${random(99)}:80` };
  return random(2) ? { ...request, ...outbound } : { ...request, source: `10.0.${random(4)}.${random(200)}:1` };
}

const configurations = ["", "{}", "nonsense", '{"side": "inbound", "routes": ["/a/{b}", 7, "x"]}', '{"kind": "tcp"}'];

/** A message from control that is no acknowledgement: settings, a tap, either of them damaged, or junk. */
function someMessage(random: Random): Uint8Array {
  const idPlaces = Array.from({ length: random(4) }, () => `/${word(random(50))}/{id}`);
  const value = {
    intervalMillis: random(4) ? 0 : random(1e6),
    routes: random(2) ? ["/**", `/${word(random(50))}/{x}`] : [],
    maxEndpoints: random(300),
    serviceRoutes: [{ cluster: random(2) ? "" : `c${random(9)}`, rules: ["GET /a/*"], idPlaces, addresses: [] }],
    exemplars: random(3),
  };
  const tap = { ...blankTap, id: random(6), durationMillis: random(5000), perSecond: random(200) };
  const bytes = ReportResponse.encode({
    message: random(2) ? { $case: "settings", value } : { $case: "tap", value: tap },
  }).finish();
  const roll = random(4);
  if (roll === 0) return bytes.subarray(0, random(bytes.length));
  // Byte 0 says what kind of message it is.
  if (roll === 1) bytes[1 + random(bytes.length - 1)] = random(256);
  return bytes;
}

/** What a control that believes nothing has of a reporter: batches in their order, each once. */
class Ledger {
  count = 0;
  lost = 0;
  private through = 0;

  /** Where acknowledgements may have been forged, batches may be missing. */
  constructor(
    private readonly sidecar: Sidecar,
    private readonly mayMiss: boolean,
  ) {}

  take(): void {
    for (const { sequence, counters, losses } of this.sidecar.collect()) {
      if (this.mayMiss ? sequence <= this.through : sequence !== this.through + 1) continue;
      this.through = sequence;
      for (const { count } of counters) this.count += count;
      for (const { kind, count } of losses) if (kind === LossKind.LOSS_KIND_REQUESTS_LOST) this.lost += count;
    }
    if (this.sidecar.stream && this.through > 0) this.sidecar.acknowledge(this.through);
  }
}

/** What happens beside requests, one time in eight. */
function somethingElse(sidecar: Sidecar, ledger: Ledger, random: Random): void {
  const roll = random(40);
  const { stream } = sidecar;
  if (roll < 24) sidecar.tick(random(50) ? random(3000) : -random(100_000), [1, 2, 3]);
  else if (roll < 30) ledger.take();
  else if (roll < 33 && stream) sidecar.host.receive(stream, someMessage(random));
  else if (roll < 34 && stream) sidecar.host.end(stream, random(17));
  else if (roll < 35) sidecar.addRoot(2 + random(2), configurations[random(configurations.length)], `p${random(3)}`);
}

/** What a host could do to a filter beside, and which cannot be reconciled afterwards. */
function somethingWild(sidecar: Sidecar, random: Random): void {
  const roll = random(10);
  const context = 100_000 + random(50);
  if (roll < 3) sidecar.host.connect(context, requestContext(someRequest(random)));
  else if (roll < 6) sidecar.host.log(context, requestContext(someRequest(random)));
  else if (roll < 7) sidecar.host.finish(1 + random(4));
  else if (roll < 8) sidecar.host.remove(2 + random(2));
  else if (sidecar.stream) sidecar.host.receive(sidecar.stream, someBytes(random));
}

/**
 * So many rounds with a lying host, then an honest one again. It may not trap, grow, or lose a request without saying so.
 * With an odd seed the host is wild: then only the first two hold, and that it goes on counting.
 */
export function endureLies(seed: number, rounds: number): void {
  const random = generator(seed);
  const isWild = seed % 2 === 1;
  const sidecar = new Sidecar({}, undefined, liar(random, isWild));
  const ledger = new Ledger(sidecar, isWild);
  const before = new Sidecar().host.memoryBytes;
  let sent = 0;
  for (let i = 0; i < rounds; i++) {
    if (isWild && !random(20)) somethingWild(sidecar, random);
    else if (!random(8)) somethingElse(sidecar, ledger, random);
    else {
      sidecar.request(someRequest(random));
      sent++;
    }
  }
  sidecar.host.sabotage = undefined;
  assert.is(sidecar.host.memoryBytes, before, `seed ${seed}: its memory grew`);
  // Root contexts may all be gone; a new configuration brings one.
  if (isWild) sidecar.addRoot(1);
  const counted = ledger.count;
  sidecar.request({ path: "/after" });
  sent++;
  for (let i = 0; i < 200; i++) {
    sidecar.tick(1000, [1, 2, 3]);
    ledger.take();
  }
  if (isWild) assert.ok(ledger.count > counted, `seed ${seed}: it counts no more`);
  else assert.is(ledger.count + ledger.lost, sent, `seed ${seed}: requests counted, or said to be lost`);
}
