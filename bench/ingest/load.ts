/** The reporters of the benchmark, all in a process of their own, whose time is nobody's figure. */
import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";

import { answerWith } from "./asking.ts";
import { linesOf, rowsOf } from "./cluster.ts";
import type { LineForm } from "./cluster.ts";
import { ReporterStream } from "./reporter-stream.ts";

export type LoadQuestion =
  /** Opens streams to control. */
  | { readonly do: "open"; readonly target: string; readonly streams: number }
  /** Sends so many batches over the open streams, as fast as they are acknowledged. */
  | { readonly do: "push"; readonly batches: number; readonly rows: number }
  /** Sends a batch a second on each open stream. */
  | { readonly do: "pace"; readonly seconds: number; readonly rows: number }
  /** Sends as many requests with the same rows to VictoriaMetrics. */
  | PostQuestion;

export interface PostQuestion {
  readonly do: "post";
  readonly url: string;
  readonly reporters: number;
  readonly batches: number;
  readonly rows: number;
  readonly form: LineForm;
}

export interface LoadAnswer {
  /** Batches that were acknowledged. */
  readonly acked: number;
  readonly longestMs: number;
  /** Windows that found too much under way; a filter goes on counting and merges such a one with the next. */
  readonly merged: number;
  /** Why streams ended, which none should. */
  readonly ended: readonly string[];
}

/** Batches that each stream has under way while it pushes; a filter has 32 KB of them. */
const UNDER_WAY = 4;
/** Connections are made so many at a time, as pods start, and not all in one moment. */
const OPENED_AT_ONCE = 50;
const PACE_TICK_MS = 10;
const LINE_CONNECTIONS = 8;

const streams: ReporterStream[] = [];
const ended: string[] = [];
let acked = 0;
let longestMs = 0;
let merged = 0;

const events = {
  acked(delayMs: number): void {
    acked += 1;
    longestMs = Math.max(longestMs, delayMs);
  },
  ended: (why: string): void => void ended.push(why),
};

async function open(target: string, count: number): Promise<void> {
  for (const stream of streams.splice(0)) stream.close();
  while (streams.length < count) {
    const some = Array.from({ length: Math.min(OPENED_AT_ONCE, count - streams.length) }, (_, at) => {
      return new ReporterStream(target, streams.length + at, events);
    });
    streams.push(...some);
    await Promise.all(some.map(({ greeted }) => greeted));
  }
}

async function push(batches: number, rows: number): Promise<void> {
  for (let left = batches; left > 0 && ended.length === 0;) {
    for (const stream of streams) {
      for (; left > 0 && stream.unacked < UNDER_WAY; left--) stream.send(rows);
    }
    await sleep(1);
  }
  await allAcked();
}

/** Spreads the streams over the second, as nothing makes filters tick together. */
async function pace(seconds: number, rows: number): Promise<void> {
  const startedAt = performance.now();
  const total = streams.length * seconds;
  for (let sent = 0; sent < total && ended.length === 0;) {
    const due = Math.min(total, Math.floor(((performance.now() - startedAt) / 1000) * streams.length));
    for (; sent < due; sent++) {
      const stream = streams[sent % streams.length]!;
      if (stream.unacked < UNDER_WAY) stream.send(rows);
      else merged += 1;
    }
    await sleep(PACE_TICK_MS);
  }
  await allAcked();
}

async function allAcked(): Promise<void> {
  while (streams.some(({ unacked }) => unacked > 0) && ended.length === 0) await sleep(2);
}

async function post({ url, reporters, batches, rows, form }: PostQuestion): Promise<void> {
  const bodies = Array.from({ length: reporters }, (_, at) => linesOf(at, rowsOf(at, rows), form));
  const agent = new Agent({ keepAlive: true, maxSockets: LINE_CONNECTIONS });
  let next = 0;
  const connection = async (): Promise<void> => {
    for (let at = next++; at < batches; at = next++) {
      // Each window a little later than the one before, or they would be one sample.
      const time = ` ${Date.now() + at}`;
      const body = bodies[at % reporters]!.map((line) => line + time).join("\n");
      const sentAt = performance.now();
      await write(url, body, agent);
      events.acked(performance.now() - sentAt);
    }
  };
  await Promise.all(Array.from({ length: LINE_CONNECTIONS }, connection));
  agent.destroy();
}

function write(url: string, body: string, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/write?precision=ms`, { method: "POST", agent }, (response) => {
      response.resume().on("end", () => {
        if (response.statusCode === 204) resolve();
        else reject(new Error(`VictoriaMetrics answered ${response.statusCode}`));
      });
    });
    sent.on("error", reject).end(body);
  });
}

async function carryOut(question: LoadQuestion): Promise<void> {
  if (question.do === "open") await open(question.target, question.streams);
  else if (question.do === "push") await push(question.batches, question.rows);
  else if (question.do === "pace") await pace(question.seconds, question.rows);
  else await post(question);
}

answerWith<LoadQuestion, LoadAnswer>(async (question) => {
  acked = 0;
  longestMs = 0;
  merged = 0;
  await carryOut(question);
  return { acked, longestMs, merged, ended: ended.splice(0) };
});
