import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { ObjectBook } from "../../../control/alerts/objects/object-book.ts";
import { NOTIFY_KINDS, secretsElsewhere } from "../../../control/notify/object-kinds.ts";

const test = suite<{ folder: string }>("receivers over the API");

test.before.each((context) => {
  context.folder = mkdtempSync(join(tmpdir(), "sidelight-objects-"));
});
test.after.each(({ folder }) => rmSync(folder, { recursive: true, force: true }));

function receiver(url: string): string {
  return `apiVersion: sidelight.dev/v1\nkind: Receiver\nmetadata: { name: hook }\nspec: { webhook: { url: ${url} } }\n`;
}

test("what lies in files and variables of control is sent to nobody for whoever may apply an object", async ({
  folder,
}) => {
  const book = await ObjectBook.open({
    ...{ kinds: NOTIFY_KINDS, defaults: [], folder: undefined, own: folder, notFromApi: secretsElsewhere },
    watcher: { changed: () => undefined, refused: assert.unreachable },
  });
  for (const elsewhere of ["{ fromFile: /etc/passwd }", "{ fromEnv: SIDELIGHT_INFLUX_TOKEN }"]) {
    const { changes, problems } = book.apply(receiver(elsewhere), false);
    assert.equal(changes, []);
    assert.match(problems[0]?.message ?? "", /SIDELIGHT_ALERTS_DIR only/);
  }
  assert.equal(book.inForce(), []);
  assert.equal(book.apply(receiver("http://127.0.0.1:1/"), false).problems, []);
  assert.is(book.inForce().length, 1);
});

test.run();
