/** Two captures side by side, of which one gives way to the other: each packet is read once. */
import { test } from "uvu";
import * as assert from "uvu/assert";

import { PassedPackets, RecordGate } from "../../tap/record-gate.ts";

const CUT = 1_700_000_000_500_000;
const STEP = 1_000;

interface Seen {
  readonly micros: number;
  readonly bytes: Buffer;
}

/** Numbers that look drawn, the same each time. */
function drawing(seed: number): () => number {
  let state = seed;
  return () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
}

function pcapOf(packets: readonly Seen[], isNanos = false): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(isNanos ? 0xa1b23c4d : 0xa1b2c3d4, 0);
  const records = packets.map(({ micros, bytes }) => {
    const record = Buffer.alloc(16);
    record.writeUInt32LE(Math.floor(micros / 1e6), 0);
    record.writeUInt32LE((micros % 1e6) * (isNanos ? 1_000 : 1), 4);
    record.writeUInt32LE(bytes.length, 8);
    record.writeUInt32LE(bytes.length, 12);
    return Buffer.concat([record, bytes]);
  });
  return Buffer.concat([header, ...records]);
}

function packetsOf(pcap: Buffer): string[] {
  const packets: string[] = [];
  for (let at = 24; at < pcap.length;) {
    const end = at + 16 + pcap.readUInt32LE(at + 8);
    packets.push(pcap.subarray(at + 16, end).toString());
    at = end;
  }
  return packets;
}

/** In pieces that end anywhere. */
function passAll(gate: RecordGate, pcap: Buffer, random: () => number): Buffer {
  const passed: Buffer[] = [];
  for (let at = 0; at < pcap.length;) {
    const size = 1 + Math.floor(random() * 97);
    passed.push(...gate.pass(pcap.subarray(at, at + size)));
    at += size;
  }
  return Buffer.concat(passed);
}

/** What 1,000 packets are that two captures see at times of their own; each fifth is like the one before it. */
function sights(random: () => number): { readonly first: Seen[]; readonly second: Seen[]; readonly all: string[] } {
  const bytes = Array.from({ length: 1_000 }, (_, index) => `packet ${index - (index % 5 === 4 ? 1 : 0)}`);
  const at = (index: number) => CUT + (index - 500) * STEP;
  const jitter = () => Math.floor(random() * 9_000);
  const seen = (all: readonly string[]) =>
    all.map((text, index) => ({ micros: at(index) + jitter(), bytes: Buffer.from(text) }));
  return { first: seen(bytes), second: seen(bytes), all: bytes };
}

test("without a cut all passes as it is, however it comes in pieces", () => {
  const random = drawing(1);
  const pcap = pcapOf(sights(random).first);
  assert.ok(passAll(new RecordGate(), pcap, random).equals(pcap));
});

for (const isNanos of [false, true]) {
  test(`about a cut each packet passes once and in its turn, in times to the ${isNanos ? "nanosecond" : "microsecond"}`, () => {
    for (let seed = 1; seed <= 20; seed += 1) {
      const random = drawing(seed);
      const { first, second, all } = sights(random);
      const passed = new PassedPackets();
      const ending = new RecordGate();
      // It has run for a while, and is amid a record when it is told.
      const whole = pcapOf(first, isNanos);
      const told = Math.floor(whole.length * 0.3 * random());
      const before = ending.pass(whole.subarray(0, told));
      ending.endAt(CUT, passed);
      const after = passAll(ending, whole.subarray(told), random);
      const following = new RecordGate();
      following.beginAt(CUT, passed);
      // It began in the midst of the other.
      const begun = Math.floor(400 * random());
      const rest = passAll(following, pcapOf(second.slice(begun), isNanos), random);
      const both = [...packetsOf(Buffer.concat([...before, after])), ...packetsOf(rest)];
      assert.equal(both, all, `seed ${seed}`);
      assert.ok(ending.hasEnded);
    }
  });
}

test("what only the second one captures passes from its beginning about the cut", () => {
  const passed = new PassedPackets();
  const ending = new RecordGate();
  ending.endAt(CUT, passed);
  passAll(ending, pcapOf([{ micros: CUT - 50_000, bytes: Buffer.from("old") }]), drawing(1));
  const following = new RecordGate();
  following.beginAt(CUT, passed);
  const own = [-90_000, -10_000, 10_000, 90_000].map((offset) => {
    return { micros: CUT + offset, bytes: Buffer.from(`new ${offset}`) };
  });
  assert.equal(packetsOf(passAll(following, pcapOf(own), drawing(2))), ["new -10000", "new 10000", "new 90000"]);
});

test.run();
