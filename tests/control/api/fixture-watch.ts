/** Watches of a control whose time goes on, with the shop in its world and in its history. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { credentials, type ClientReadableStream, type ServiceError } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import { StatsClient, WatchRequest } from "#proto/stats.ts";
import type { DeepPartial, WatchResponse } from "#proto/stats.ts";
import { systemClock } from "../../../control/api/feed.ts";
import type { WatchEvent } from "../../../control/api/watch-events.ts";
import type { Window } from "../../../control/api/topology-answers.ts";
import { resumeToken } from "../../../control/api/watch-resume.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { type ControlOptions, type ControlUnderTest, startControl } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";

export const second = 1_000;
/** How long the history of the shop is. */
const HISTORY_SECONDS = 100;

export interface WatchedControl {
  readonly store: DuckDbStore;
  /** The end of the history. */
  readonly filledToMs: number;
  readonly control: ControlUnderTest;
  readonly client: StatsClient;
  close(): Promise<void>;
}

/**
 * It has three places for watches.
 * @param agoMs how long ago the history ends
 */
export async function startWatched(options: ControlOptions = {}, agoMs = 0): Promise<WatchedControl> {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-watch-"));
  const store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
  const nowMs = Math.floor((Date.now() - agoMs) / second) * second;
  const ago = Array.from({ length: HISTORY_SECONDS }, (_each, index) => HISTORY_SECONDS - index);
  await store.append(
    ago.flatMap((seconds) => shopSecond(nowMs - seconds * second)),
    1,
  );
  const control = await startControl({ store, maxWatches: 3, feed: { clock: systemClock }, ...options });
  const client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  return {
    store,
    filledToMs: nowMs,
    control,
    client,
    async close() {
      client.close();
      await control.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

export function topology(request: DeepPartial<WatchRequest> = {}): DeepPartial<WatchRequest> {
  return { question: { $case: "topology", value: {} }, ...request };
}

/** Reads so many answers, then cancels. */
export async function read(
  client: StatsClient,
  request: DeepPartial<WatchRequest>,
  count: number,
): Promise<WatchResponse[]> {
  const call = client.watch(WatchRequest.create(request));
  const answers: WatchResponse[] = [];
  try {
    for await (const answer of call as AsyncIterable<WatchResponse>) {
      answers.push(answer);
      if (answers.length === count) break;
    }
  } finally {
    call.cancel();
  }
  return answers;
}

export function refused(call: ClientReadableStream<WatchResponse>): Promise<ServiceError> {
  return new Promise((resolve, reject) => {
    call.on("data", () => reject(new Error("It was answered")));
    call.on("error", resolve);
  });
}

/** The end of the window that an answer speaks of, milliseconds since the epoch. */
export function atOf({ answer }: WatchResponse): number {
  if (answer?.$case === "topology") return answer.value.topology!.at!.getTime();
  return (answer?.value as { at?: Date }).at!.getTime();
}

/** The token that was given out so long before, and the end of the window that was told then. */
export function resumeFrom(
  [answer]: readonly WatchResponse[],
  agoMs: number,
): { readonly resume: string; readonly atMs: number } {
  const atMs = atOf(answer!) - agoMs;
  return { atMs, resume: resumeToken(atMs, Buffer.from(answer!.resume, "base64url").subarray(9, 25)) };
}

export interface Event<Answer = Window> {
  readonly name: string;
  readonly id: string;
  readonly data: Omit<WatchEvent, "answer"> & { readonly answer: Answer };
}

/** Reads so many events, then goes. */
export async function events<Answer = Window>(
  url: string,
  count: number,
  headers: Record<string, string> = {},
): Promise<Event<Answer>[]> {
  const gone = new AbortController();
  const response = await fetch(url, { headers, signal: gone.signal });
  if (!response.ok) throw new Error(`${response.status} ${await response.text()}`);
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  const found: Event<Answer>[] = [];
  let text = "";
  while (found.length < count) {
    const { value, done } = await reader.read();
    if (done) break;
    text += decoder.decode(value, { stream: true });
    const blocks = text.split("\n\n");
    text = blocks.pop() ?? "";
    for (const block of blocks) {
      const [, name, id = "", data] = /^(?:retry: 2000\n)?event: (.+)(?:\nid: (.+))?\ndata: (.+)$/.exec(block) ?? [];
      if (name) found.push({ name, id, data: JSON.parse(data!) as Event<Answer>["data"] });
    }
  }
  gone.abort();
  return found.slice(0, count);
}

/** Each answer follows the one before by an interval, and by those that it says are left out. */
export function assertGapless(answers: readonly { atMs: number; skipped: number }[], intervalMs = second): void {
  answers.slice(1).forEach(({ atMs, skipped }, index) => {
    assert.is(atMs - answers[index]!.atMs, (skipped + 1) * intervalMs, `answer ${index + 1}`);
  });
}

export function toldOf(answers: readonly WatchResponse[]): { readonly atMs: number; readonly skipped: number }[] {
  return answers.map((answer) => ({ atMs: atOf(answer), skipped: answer.skipped }));
}
