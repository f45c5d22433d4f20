import { test } from "uvu";
import * as assert from "uvu/assert";
import { sayPlainly } from "../../../../control/notify/speech.ts";
import { MAX_CARD_BYTES, escapeTeams, teamsMessage } from "../../../../control/notify/teams/card.ts";
import { alertOf, firing } from "../fixtures.ts";
import { failureOf, httpContract, notifierOf } from "../http-contract.ts";
import { ReceiverServer, answer } from "../receiver-server.ts";

httpContract(test, {
  spec: (url) => ({ teams: { url: `${url}/workflows/1/triggers/manual/paths/invoke?api-version=1&sig=hidden-part` } }),
  taken: answer(202),
  secrets: ["hidden-part"],
});

interface Message {
  readonly type: string;
  readonly attachments: readonly [
    {
      readonly contentType: string;
      readonly content: {
        readonly type: string;
        readonly body: readonly {
          readonly type: string;
          readonly text?: string;
          readonly facts?: readonly { readonly title: string; readonly value: string }[];
        }[];
        readonly actions: readonly { readonly type: string; readonly url: string }[];
      };
    },
  ];
}

test("it is a card with title, facts, alerts and links", async () => {
  const server = await ReceiverServer.start(answer(202));
  assert.is(await failureOf(notifierOf({ teams: { url: server.url } }), firing()), undefined);
  server.stop();
  const [{ type, attachments }] = server.bodies<Message>() as [Message];
  const [{ contentType, content }] = attachments;
  assert.equal([type, contentType], ["message", "application/vnd.microsoft.card.adaptive"]);
  assert.is(content.body[0]!.text, "\\[critical\\] 5.2 % of requests to shop/user failed over 5 min (limit 1 %)");
  assert.equal(
    content.body[1]!.facts!.map(({ title }) => title),
    ["Since", "Probable origin", "How bad", "Affected", "Owner"],
  );
  assert.is(content.body[2]!.text!.split("\n").length, 2);
  assert.equal(
    content.actions.map(({ type: kind, url }) => [kind, url]),
    [
      ["Action.OpenUrl", "https://sidelight.example/?at=2026-11-29T08:21:39Z&focus=shop%2Fuser"],
      ["Action.OpenUrl", "https://runbooks.example/user"],
    ],
  );
});

test("what was counted is read as text, not as Markdown", () => {
  assert.is(escapeTeams("[a](https://evil) **b** `c` <d>"), "\\[a\\](https://evil) \\*\\*b\\*\\* \\`c\\` \\<d\\>");
  assert.is(escapeTeams("- a\n 1. b\n# c\n2026-11-29"), "\\- a\n 1\\. b\n\\# c\n2026-11-29");
});

test("the largest of incidents fits", () => {
  for (const letter of ["x", "<", "\u0001", "語"]) {
    const summary = letter.repeat(3_000);
    const alerts = Array.from({ length: 50 }, (_, at) => alertOf({ id: `a${at}`, summary, description: summary }));
    const said = sayPlainly(firing({}, { alerts, affected: alerts.map(() => summary) }), escapeTeams);
    const bytes = Buffer.byteLength(JSON.stringify(teamsMessage(said)));
    assert.ok(bytes <= MAX_CARD_BYTES, `${letter}: ${bytes}`);
  }
});

test.run();
