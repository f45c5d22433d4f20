/** What every receiver that is spoken to over HTTP must do, however its server behaves. */
import type { Test } from "uvu";
import * as assert from "uvu/assert";
import { NotifyError } from "../../../control/notify/notification.ts";
import type { Failure, Notification, Notifier } from "../../../control/notify/notification.ts";
import { receiverSpec, makeReceiver } from "../../../control/notify/receivers.ts";
import { AT_MS, firing } from "./fixtures.ts";
import { ReceiverServer, answer, closeConnection, drip, hang, nonsense } from "./receiver-server.ts";
import type { Reaction } from "./receiver-server.ts";

export interface HttpCase {
  /** The spec of a receiver whose server is at this address. */
  readonly spec: (url: string) => unknown;
  readonly taken: Reaction;
  /** Parts of the settings that no error may have. */
  readonly secrets: readonly string[];
}

/** What a receiver would be made into, with a clock that stands. */
export function notifierOf(spec: unknown, env: Record<string, string> = {}): Notifier {
  const secrets = {
    file: (path: string): string => {
      throw Object.assign(new Error(`no such file ${path}`), { code: "ENOENT" });
    },
    variable: (name: string) => env[name],
  };
  return makeReceiver("r", receiverSpec.parse(spec), { secrets, nowMs: () => AT_MS }).notifier;
}

/** What sending ends in; undefined for taken. @param limitMs when it is given up */
export async function failureOf(
  notifier: Notifier,
  notification: Notification,
  limitMs = 60_000,
): Promise<NotifyError | undefined> {
  const signal = AbortSignal.timeout(limitMs);
  return await notifier.send(notification, signal).then(
    () => undefined,
    (error: unknown) => {
      assert.instance(error, NotifyError, String(error));
      return error as NotifyError;
    },
  );
}

const REACTIONS: readonly (readonly [string, Reaction, Failure])[] = [
  ["400", answer(400, "invalid"), "refused"],
  ["401", answer(401), "refused"],
  ["404", answer(404), "refused"],
  ["301", answer(301, "", { location: "https://elsewhere.example/secret" }), "refused"],
  ["408", answer(408), "failed"],
  ["429", answer(429), "limited"],
  ["500", answer(500, "oh no"), "failed"],
  ["503", answer(503), "failed"],
  ["no answer", hang, "timeout"],
  ["half an answer", drip, "timeout"],
  ["a closed connection", closeConnection, "broken"],
  ["no HTTP", nonsense, "broken"],
];

export function httpContract(test: Test, { spec, taken, secrets }: HttpCase): void {
  let server: ReceiverServer;
  test.before.each(async () => {
    server = await ReceiverServer.start(taken);
  });
  test.after.each(() => server.stop());

  test("what is taken is sent", async () => {
    assert.is(await failureOf(notifierOf(spec(server.url)), firing()), undefined);
    assert.is(server.got.length, 1);
  });

  for (const [name, reaction, reason] of REACTIONS) {
    test(`${name}: ${reason}`, async () => {
      server.reaction = reaction;
      const limitMs = reason === "timeout" ? 200 : undefined;
      const error = (await failureOf(notifierOf(spec(server.url)), firing(), limitMs))!;
      assert.is(error.reason, reason, error.message);
      assert.is(error.isLasting, reason === "refused");
      assert.is(error.mayHaveArrived, ["timeout", "broken", "failed"].includes(reason));
      for (const secret of secrets) assert.not.match(`${error.stack} ${error.message}`, secret);
    });
  }

  test("it says how long it wants to be left alone, in seconds or by a date", async () => {
    const inTwoMinutes = new Date(AT_MS + 120_000).toUTCString();
    for (const [header, ms] of [
      ["7", 7_000],
      [inTwoMinutes, 120_000],
      ["soon", undefined],
      ["-1", undefined],
    ] as const) {
      server.reaction = answer(429, "", { "retry-after": header });
      const error = await failureOf(notifierOf(spec(server.url)), firing());
      assert.is(error?.retryAfterMs, ms, header);
    }
  });

  test("a server that repeats a secret does not get it into the error", async () => {
    server.reaction = (response, socket, got) =>
      answer(400, `${server.url}${got.path} ${got.body} ${JSON.stringify(got.headers)}`)(response, socket, got);
    const error = await failureOf(notifierOf(spec(server.url)), firing());
    for (const secret of secrets) assert.not.match(error!.message, secret);
  });

  test("where nobody listens it never got there", async () => {
    const gone = await ReceiverServer.start(taken);
    gone.stop();
    const error = (await failureOf(notifierOf(spec(gone.url)), firing()))!;
    assert.is(error.reason, "unreachable");
    assert.not(error.mayHaveArrived);
  });
}
