import { test } from "uvu";
import * as assert from "uvu/assert";
import type { SMTPServerOptions } from "smtp-server";
import type { NotifyError } from "../../../../control/notify/notification.ts";
import { receiverSpec } from "../../../../control/notify/receivers.ts";
import { alertOf, firing, resolved } from "../fixtures.ts";
import { failureOf, notifierOf } from "../http-contract.ts";
import { MailServer, scriptedServer } from "./mail-server.ts";

const PASSWORD = "hush-hush-9";

const email = (port: number, more: object = {}): unknown => ({
  email: {
    host: "127.0.0.1",
    port,
    security: "none",
    from: "Sidelight <sidelight@ops.example>",
    to: ["On call <oncall@ops.example>", "shop@ops.example"],
    ...more,
  },
});

/** What sending to a mail server that behaves so ends in. */
async function sentTo(options: SMTPServerOptions, more: object = {}): Promise<[MailServer, NotifyError | undefined]> {
  const server = await MailServer.start(options);
  const error = await failureOf(notifierOf(email(server.port, more)), firing());
  await server.stop();
  return [server, error];
}

const refuse = (code: number, message: string): Error => Object.assign(new Error(message), { responseCode: code });

test("firing and resolved are one thread, in text and HTML", async () => {
  const server = await MailServer.start();
  const notifier = notifierOf(email(server.port));
  for (const each of [firing(), firing(), resolved()]) assert.is(await failureOf(notifier, each), undefined);
  await server.stop();
  const [first, again, over] = server.mails;
  assert.equal([first!.from, ...first!.to], ["sidelight@ops.example", "oncall@ops.example", "shop@ops.example"]);
  assert.is(first!.headers["subject"], "[critical] 5.2 % of requests to shop/user failed over 5 min (limit 1 %)");
  assert.match(first!.headers["message-id"]!, /^<[0-9a-f]{32}@ops\.example>$/);
  assert.is(again!.headers["message-id"], first!.headers["message-id"], "the same thing is the same mail");
  assert.is.not(over!.headers["message-id"], first!.headers["message-id"]);
  assert.is(over!.headers["references"], first!.headers["references"]);
  assert.is(over!.headers["in-reply-to"], first!.headers["references"]);
  assert.is(first!.headers["auto-submitted"], "auto-generated");
  const [text, html] = first!.parts;
  assert.match(text!, "Probable origin: shop/user, GET /customers/{id}/cards");
  assert.match(text!, "- [warning] errors-by-workload: 1.4 %");
  assert.match(text!, "Map at that moment: https://sidelight.example/?at=");
  assert.match(html!, '<a href="https://runbooks.example/user">Runbook</a>');
});

test("what was counted is text in HTML too, and cannot begin a header", async () => {
  const server = await MailServer.start();
  const summary = `<script>alert("x")</script> & \r\nBcc: all@ops.example`;
  const about = firing({}, { alerts: [alertOf({ summary })] });
  assert.is(await failureOf(notifierOf(email(server.port)), about), undefined);
  await server.stop();
  const [{ headers, parts, to }] = server.mails as [MailServer["mails"][number]];
  assert.is(headers["bcc"], undefined);
  assert.is(to.length, 2);
  assert.not.match(parts[1]!, "<script>");
  assert.match(parts[1]!, "&lt;script&gt;alert(&quot;x&quot;)");
});

test("it logs in where it is told to, and a wrong password is a refusal without the password in it", async () => {
  const given = { username: "sidelight", password: PASSWORD };
  const [right, none] = await sentTo(
    { authOptional: false, onAuth: (auth, _, done) => done(null, auth.password === PASSWORD ? { user: "s" } : {}) },
    given,
  );
  assert.equal([right.mails.length, none], [1, undefined]);
  const [, error] = await sentTo(
    { authOptional: false, onAuth: ({ password }, _, done) => done(refuse(535, `no, not ${password}`)) },
    given,
  );
  assert.is(error?.reason, "refused");
  assert.match(error!.message, "Check email.username and email.password");
  assert.not.match(`${error!.message} ${error!.stack}`, PASSWORD);
});

test("what a mail server refuses for good or for now is told apart", async () => {
  for (const [code, reason] of [
    [550, "refused"],
    [450, "failed"],
  ] as const) {
    for (const options of [
      { onMailFrom: (_: unknown, __: unknown, done: (error: Error) => void) => done(refuse(code, "no")) },
      { onRcptTo: (_: unknown, __: unknown, done: (error: Error) => void) => done(refuse(code, "who?")) },
      {
        onData: (stream: NodeJS.ReadableStream, _: unknown, done: (error: Error) => void) => {
          stream.on("end", () => done(refuse(code, "spam"))).resume();
        },
      },
    ] satisfies SMTPServerOptions[]) {
      const [, error] = await sentTo(options);
      assert.is(error?.reason, reason, `${Object.keys(options).join()} ${code}: ${error?.message}`);
    }
  }
});

test("a server without encryption gets nothing unless that is asked for", async () => {
  const [server, error] = await sentTo({}, { security: "starttls" });
  assert.is(server.mails.length, 0);
  assert.is(error?.reason, "refused");
  assert.match(error!.message, "email.security");
});

test("a mail server that hangs, breaks off or talks nonsense", async () => {
  const untilData = (line: string): string => (line === "DATA" ? "354 go on" : "250 ok");
  for (const [greeting, react, reason] of [
    ["", () => undefined, "timeout"],
    ["220 hello\r\n", () => undefined, "timeout"],
    ["220 hello\r\n", (line: string) => (line === "." ? undefined : untilData(line)), "timeout"],
    ["HTTP/1.1 400 Bad Request\r\n\r\n", () => undefined, "unreachable"],
    [
      "220 hello\r\n",
      (line: string, socket: { destroy(): unknown }) => (line === "." ? void socket.destroy() : untilData(line)),
      "broken",
    ],
    ["220 hello\r\n", (_: string, socket: { destroy(): unknown }) => void socket.destroy(), "broken"],
  ] as const) {
    const server = await scriptedServer(greeting, react);
    const limitMs = reason === "timeout" ? 300 : undefined;
    const error = (await failureOf(notifierOf(email(server.port)), firing(), limitMs))!;
    server.stop();
    assert.is(error.reason, reason, `${greeting} ${react.toString()}: ${error.message}`);
  }
});

test("where nobody listens it never got there", async () => {
  const server = await MailServer.start();
  await server.stop();
  const error = (await failureOf(notifierOf(email(server.port)), firing()))!;
  assert.is(error.reason, "unreachable");
});

test("settings that cannot be are named", () => {
  const base = { host: "mail", from: "a@b", to: ["c@d"] };
  for (const [more, path] of [
    [{ to: [] }, "email.to"],
    [{ to: ["nobody"] }, "email.to.0"],
    [{ from: "a@b\r\nBcc: x@y" }, "email.from"],
    [{ security: "ssl" }, "email.security"],
    [{ port: 0 }, "email.port"],
    [{ username: "me" }, "email.password"],
    [{ hosts: "x" }, "email"],
  ] as const) {
    const { error } = receiverSpec.safeParse({ email: { ...base, ...more } });
    assert.is(error?.issues[0]!.path.join("."), path, JSON.stringify(more));
  }
});

test.run();
