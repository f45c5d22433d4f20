/** Rows a second a core: from a sidecar's message until it is durable, beside VictoriaMetrics with the same rows. */
import { setTimeout as sleep } from "node:timers/promises";

import type { Figure } from "../harness.ts";
import { atLeast, measured } from "../harness.ts";
import { processorMicros } from "../processor-time.ts";
import { interleaved } from "../rounds.ts";
import { estimate, median } from "../statistics.ts";
import type { Estimate } from "../statistics.ts";
import { Asked } from "./asking.ts";
import type { LineForm } from "./cluster.ts";
import type { LoadAnswer, LoadQuestion } from "./load.ts";
import type { ReceiverQuestion, ReceiverState } from "./receiver.ts";
import { VictoriaMetrics } from "./victoria-metrics.ts";

const REPORTERS = 50;
/** Rows of a message; the last is what a filter's largest batch has room for (32 KB). */
const SIZES = [20, 200, 1_000] as const;
const ROWS_A_TURN = 200_000;
const ROUNDS = 5;
const GOAL = 250_000;

const TARGETS = ["Sidelight", "VictoriaMetrics, with buckets", "VictoriaMetrics, counts alone"] as const;
type Target = (typeof TARGETS)[number];

interface Turn {
  readonly target: Target;
  readonly rows: number;
}

interface Around {
  readonly load: Asked<LoadQuestion, LoadAnswer>;
  readonly receiver: Asked<ReceiverQuestion, ReceiverState>;
  readonly victoria: VictoriaMetrics;
}

const TURNS: readonly Turn[] = SIZES.flatMap((rows) => TARGETS.map((target) => ({ target, rows })));
const TABLE = "Rows a second a core, from a message of so many rows until it is acknowledged";

export async function rowFigures(say: (line: string) => void, rounds = ROUNDS): Promise<Figure[]> {
  const load = new Asked<LoadQuestion, LoadAnswer>("load.ts");
  const receiver = new Asked<ReceiverQuestion, ReceiverState>("receiver.ts");
  const victoria = await VictoriaMetrics.start();
  try {
    const around = { load, receiver, victoria };
    const { target } = await receiver.ask({ keep: false });
    await load.ask({ do: "open", target, streams: REPORTERS });
    say("warming up");
    for (const turn of TURNS) await rate(turn, around);
    const rates = await interleaved(TURNS, rounds, async (turn, round) => {
      const found = await rate(turn, around);
      say(`round ${round + 1} of ${rounds}, ${turn.target}, ${turn.rows} rows: ${Math.round(found)} rows/s/core`);
      return found;
    });
    return [...figuresOf(rates, rounds), ...(await bytesARow(around))];
  } finally {
    await Promise.all([load.stop(), receiver.stop(), victoria.stop()]);
  }
}

/** One turn's rows for a second of processor time. */
async function rate(turn: Turn, around: Around): Promise<number> {
  const { rows } = turn;
  const batches = ROWS_A_TURN / rows;
  const pid = turn.target === "Sidelight" ? around.receiver.pid : around.victoria.pid;
  const linesBefore = await around.victoria.linesTaken(0);
  const before = processorMicros(pid);
  const { acked, ended } = await around.load.ask(questionOf(turn, around));
  if (turn.target !== "Sidelight") await around.victoria.flush();
  await quiet(pid);
  const micros = processorMicros(pid) - before;
  if (acked !== batches || ended.length > 0) {
    throw new Error(`${turn.target} acknowledged ${acked} of ${batches} batches; streams ended: ${ended.join(", ")}`);
  }
  if (turn.target !== "Sidelight") {
    const valuesALine = turn.target === "VictoriaMetrics, with buckets" ? 4 : 1;
    const taken = (await around.victoria.linesTaken(linesBefore + ROWS_A_TURN * valuesALine)) - linesBefore;
    if (taken !== ROWS_A_TURN * valuesALine) {
      throw new Error(`${turn.target} took ${taken} values of ${ROWS_A_TURN} rows`);
    }
  }
  return (ROWS_A_TURN / micros) * 1e6;
}

function questionOf({ target, rows }: Turn, { victoria }: Around): LoadQuestion {
  const batches = ROWS_A_TURN / rows;
  if (target === "Sidelight") return { do: "push", batches, rows };
  const form: LineForm = target === "VictoriaMetrics, with buckets" ? "with buckets" : "counts alone";
  return { do: "post", url: victoria.url, reporters: REPORTERS, batches, rows, form };
}

/** Waits until a process does no more than it does at rest, 3 s at most: what it puts off is its cost too. */
async function quiet(pid: number): Promise<void> {
  for (let at = 0; at < 15; at++) {
    const before = processorMicros(pid);
    await sleep(200);
    if (processorMicros(pid) - before < 10_000) return;
  }
}

function figuresOf(rates: ReadonlyMap<Turn, readonly number[]>, rounds: number): Figure[] {
  const of = (target: Target, rows: number): readonly number[] =>
    rates.get(TURNS.find((turn) => turn.target === target && turn.rows === rows)!)!;
  const ratio = (rows: number, other: Target): Estimate =>
    estimate(rounds, (drawn) => medianAt(of("Sidelight", rows), drawn) / medianAt(of(other, rows), drawn));
  return SIZES.flatMap((rows) => {
    const row = `${rows} rows a message`;
    const cells = TARGETS.map((target): Figure => {
      const found = estimate(rounds, (drawn) => medianAt(of(target, rows), drawn));
      const figure =
        target === "Sidelight"
          ? atLeast(`${target}, ${row}`, found, GOAL, "rows/s/core")
          : measured(`${target}, ${row}`, found, "rows/s/core");
      return { ...figure, cell: { table: TABLE, row, column: target } };
    });
    const ratios = TARGETS.slice(1).map((target): Figure => {
      const column = `Sidelight / ${target}`;
      return { ...measured(`${column}, ${row}`, ratio(rows, target), "x"), cell: { table: TABLE, row, column } };
    });
    return [...cells, ...ratios];
  });
}

function medianAt(values: readonly number[], drawn: readonly number[]): number {
  return median(drawn.map((round) => values[round]!));
}

/** What a row takes in the inbox until the store has it. */
async function bytesARow({ load, receiver }: Around): Promise<Figure[]> {
  const figures: Figure[] = [];
  for (const rows of SIZES) {
    await receiver.ask({ keep: true });
    await load.ask({ do: "push", batches: 2_000 / rows, rows });
    const { bytes } = await receiver.ask({ keep: false });
    figures.push(measured(`inbox, ${rows} rows a message`, bytes / 2_000, "bytes a row"));
  }
  return figures;
}
