import { test } from "uvu";
import * as assert from "uvu/assert";
import { receiverSpec } from "../../../control/notify/receivers.ts";
import { escapeSlack } from "../../../control/notify/slack/blocks.ts";
import { sayWith, templateProblem } from "../../../control/notify/template.ts";
import { alertOf, firing, resolved } from "./fixtures.ts";

test("a receiver may have its own title and text, escaped for where they go", () => {
  const title = "{{#isFiring}}DOWN{{/isFiring}}{{#isResolved}}UP{{/isResolved}}\n {{server}} since {{since}}";
  const say = sayWith(title, "{{#alerts}}{{rule}} <{{summary}}> {{incident}}; {{/alerts}}{{owner}}");
  const about = { alerts: [alertOf({ summary: "<!channel> & so" }), alertOf({ rule: "other", summary: "x" })] };
  const said = say(firing({}, about), escapeSlack);
  assert.is(said.title, "DOWN shop/user since 2026-11-29 08:20:39 UTC");
  assert.is(said.ownText, "errors-by-workload <&lt;!channel&gt; &amp; so> i1; other <x> i1; team-accounts");
  assert.is(say(resolved(), escapeSlack).title, "UP shop/user since 2026-11-29 08:20:39 UTC");
  assert.is(sayWith("{{title}}", undefined)(firing(), escapeSlack).ownText, undefined);
});

test("a template that cannot be is told where it is written", () => {
  for (const [text, why] of [
    ["{{sumary}}", 'no variable "sumary"; there are title'],
    ["{{alerts.length}}", 'no variable "alerts.length"'],
    ["{{constructor}}", 'no variable "constructor"'],
    ["{{#alerts}}{{#alerts}}x{{/alerts}}{{/alerts}}", "alerts within alerts"],
    ["{{{summary}}}", "would not be escaped"],
    ["{{&summary}}", "would not be escaped"],
    ["{{> other}}", "is not understood here"],
    ["{{#isFiring}}x", "is no template"],
    ["{{summary", "is no template"],
    ["{{#alerts}}{{nothing}}{{/alerts}}", 'no variable "nothing"'],
  ] as const) {
    assert.match(templateProblem(text) ?? "", why);
    const { error } = receiverSpec.safeParse({ slack: { url: "https://x.example/" }, text });
    assert.is(error?.issues[0]!.path.join("."), "text");
  }
  assert.is(
    templateProblem("plain {{! a note }} {{#alerts}}{{severity}}{{/alerts}}{{^owner}}nobody{{/owner}}"),
    undefined,
  );
});

test.run();
