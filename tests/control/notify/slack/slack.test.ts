import { test } from "uvu";
import * as assert from "uvu/assert";
import { escapeSlack, slackMessage } from "../../../../control/notify/slack/blocks.ts";
import { sayPlainly } from "../../../../control/notify/speech.ts";
import { alertOf, firing, resolved } from "../fixtures.ts";
import { failureOf, httpContract, notifierOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

httpContract(test, {
  spec: (url) => ({ slack: { url: `${url}/services/T0/B0/hidden-part` } }),
  taken: answer(200, "ok"),
  secrets: ["hidden-part"],
});

interface Block {
  readonly type: string;
  readonly text?: { readonly text: string };
  readonly fields?: readonly { readonly text: string }[];
  readonly elements?: readonly { readonly url: string }[];
}

interface Message {
  readonly text: string;
  readonly attachments: readonly [{ readonly color: string; readonly blocks: readonly Block[] }];
}

const message = (...given: Parameters<typeof firing>): Message =>
  slackMessage(sayPlainly(firing(...given), escapeSlack)) as Message;

test("what, since when, how bad, from where, who is hurt, who owns it, and the map", () => {
  const { text, attachments } = message();
  const [{ color, blocks }] = attachments;
  assert.is(text, "[critical] 5.2 % of requests to shop/user failed over 5 min (limit 1 %)");
  assert.equal(
    blocks.map(({ type }) => type),
    ["header", "section", "section", "section", "actions"],
  );
  assert.equal(
    blocks[1]!.fields!.map((field) => field.text),
    [
      "*Since*\n2026-11-29 08:20:39 UTC",
      "*Probable origin*\nshop/user, GET /customers/{id}/cards",
      "*How bad*\n52 times what is usual here at this time; 5.2 times the limit; 104 of 2,000 requests",
      "*Affected*\nshop/front-end, shop/orders",
      "*Owner*\nteam-accounts",
    ],
  );
  assert.match(blocks[2]!.text!.text, "• [warning] errors-by-workload: 1.4 % of requests to shop/orders");
  assert.equal(
    blocks[4]!.elements!.map(({ url }) => url),
    ["https://sidelight.example/?at=2026-11-29T08:21:39Z&focus=shop%2Fuser", "https://runbooks.example/user"],
  );
  const over = slackMessage(sayPlainly(resolved(), escapeSlack)) as Message;
  assert.match(over.text, /^\[resolved\] /);
  assert.not.equal(over.attachments[0].color, color);
});

test("nothing that was counted can mention anybody, make a link or break the limits", () => {
  const summary = `<!channel> & <https://evil.example|here> ${"x".repeat(5_000)}`;
  const alerts = Array.from({ length: 400 }, (_, at) => alertOf({ id: `a${at}`, summary }));
  const { text, attachments } = message(
    {},
    { alerts, affected: Array.from({ length: 900 }, (_, at) => `shop/w${at}`) },
  );
  const { blocks } = attachments[0];
  assert.match(text, "&lt;!channel&gt; &amp; &lt;https://evil");
  assert.not.match(JSON.stringify(attachments), "<");
  assert.ok(blocks.length <= 50 && text.length <= 4_000);
  for (const block of blocks) {
    assert.ok((block.text?.text.length ?? 0) <= (block.type === "header" ? 150 : 3_000));
    for (const field of block.fields ?? []) assert.ok(field.text.length <= 2_000);
  }
  assert.match(JSON.stringify(blocks), "and 890 more");
});

test("a test and a repeat say so", () => {
  const said = JSON.stringify(message({ isTest: true, mayBeRepeated: true }));
  assert.match(said, "[test] [critical]");
  assert.match(said, "nothing is wrong");
  assert.match(said, "You may have been told this before");
});

test("an answer that is not Slack's is no success", async () => {
  const server = await ReceiverServer.start(answer(200, "<html>Please log in to hidden-part</html>"));
  const error = (await failureOf(notifierOf({ slack: { url: `${server.url}/hidden-part` } }), firing()))!;
  server.stop();
  assert.is(error.reason, "broken");
  assert.match(error.message, 'answered "<html>Please log in');
});

test.run();
