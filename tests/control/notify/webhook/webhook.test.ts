import { readFileSync } from "node:fs";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { receiverSpec } from "../../../../control/notify/receivers.ts";
import { signatureOf } from "../../../../control/notify/webhook/signature.ts";
import { AT_MS, firing, resolved } from "../fixtures.ts";
import { failureOf, httpContract, notifierOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

const KEY = "whsec-7c1e";
const TOKEN = "bearer-19aa";

httpContract(test, {
  spec: (url) => ({
    webhook: { url: `${url}/hook?key=hidden-part`, secret: KEY, headers: { Authorization: `Bearer ${TOKEN}` } },
  }),
  taken: answer(204),
  secrets: [KEY, TOKEN, "hidden-part"],
});

interface Body {
  readonly version: number;
  readonly id: string;
  readonly state: string;
  readonly mapUrl: string;
  readonly mayBeRepeated: boolean;
  readonly incident: { readonly since: string; readonly resolved: string | null; readonly alerts: unknown[] };
}

test("the body is signed, and says what happened in fields", async () => {
  const server = await ReceiverServer.start(answer(200));
  const notifier = notifierOf(
    { webhook: { url: server.url, secret: { fromEnv: "KEY" }, headers: { "X-Team": "shop" } } },
    { KEY },
  );
  assert.is(await failureOf(notifier, firing({ mayBeRepeated: true })), undefined);
  assert.is(await failureOf(notifier, resolved()), undefined);
  server.stop();
  const [first, second] = server.got;
  assert.is(first!.headers["sidelight-signature"], signatureOf(first!.body, KEY, AT_MS));
  assert.is(first!.headers["idempotency-key"], "i1/critical");
  assert.is(first!.headers["x-team"], "shop");
  assert.not.equal(first!.headers["sidelight-signature"], second!.headers["sidelight-signature"]);
  const [told, over] = server.bodies<Body>();
  assert.equal([told!.version, told!.id, told!.state, told!.mayBeRepeated], [1, "i1/critical", "firing", true]);
  assert.equal([told!.incident.since, told!.incident.resolved], ["2026-11-29T08:20:39.000Z", null]);
  assert.is(told!.incident.alerts.length, 2);
  assert.equal([over!.state, over!.incident.resolved], ["resolved", "2026-11-29T08:34:39.000Z"]);
});

test("the example of the documentation takes what is signed, and nothing else", async () => {
  const page = readFileSync(new URL("../../../../docs/notifications.md", import.meta.url), "utf8");
  const example = /```js\n(.*?)```/s.exec(page)![1]!;
  const { isFromSidelight } = (await import(`data:text/javascript,${encodeURIComponent(example)}`)) as {
    readonly isFromSidelight: (header: string, body: string, secret: string, nowSeconds: number) => boolean;
  };
  const header = signatureOf("{}", KEY, AT_MS);
  const seconds = AT_MS / 1_000;
  assert.is(isFromSidelight(header, "{}", KEY, seconds), true);
  assert.is(isFromSidelight(header, "{} ", KEY, seconds), false);
  assert.is(isFromSidelight(header, "{}", "other", seconds), false);
  assert.is(isFromSidelight(header, "{}", KEY, seconds + 900), false);
});

test("without a secret nothing is signed; one that cannot be read sends nothing", async () => {
  const server = await ReceiverServer.start(answer(200));
  await failureOf(notifierOf({ webhook: { url: server.url } }), firing());
  assert.is(server.got[0]!.headers["sidelight-signature"], undefined);
  for (const [secret, why] of [
    [{ fromEnv: "NOT_SET" }, /variable NOT_SET/],
    [{ fromFile: "/no/such" }, /file \/no\/such: ENOENT/],
  ] as const) {
    const error = (await failureOf(notifierOf({ webhook: { url: server.url, secret } }), firing()))!;
    assert.is(error.reason, "settings");
    assert.match(error.message, why);
  }
  server.stop();
  assert.is(server.got.length, 1);
});

test("settings that cannot be are named, without what is secret in them", () => {
  for (const [webhook, path, why] of [
    [{}, "webhook.url", /must be a text .* fromFile/],
    [{ url: "ftp://secret-host/" }, "webhook.url", /http or https/],
    [{ url: "https://user:secret-host@x/" }, "webhook.url", /without user/],
    [{ url: "https://x/", secret: { fromfile: "secret-host" } }, "webhook.secret", /fromFile: PATH/],
    [{ url: "https://x/", headers: { "Content-Type": "secret-host" } }, "webhook.headers.Content-Type", /header/],
  ] as const) {
    const { error } = receiverSpec.safeParse({ webhook });
    const [issue] = error!.issues;
    assert.is(issue!.path.join("."), path);
    assert.match(JSON.stringify(error!.issues), why);
    assert.not.match(JSON.stringify(error!.issues), "secret-host");
  }
});

test.run();
