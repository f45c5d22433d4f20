import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { StoreOpenError } from "../../../control/store/errors.ts";
import { Journal } from "../../../control/store/influxdb/journal.ts";

const UNSENT = [{ bucket: "sidelight_1s", lines: ["requests,edge=1 count=2i 1000", "requests,edge=2 count=3i 1000"] }];

let folder = "";
let path = "";

test.before.each(() => {
  folder = mkdtempSync(join(tmpdir(), "sidelight-journal-"));
  path = join(folder, "influxdb-journal.json");
});

test.after.each(() => rmSync(folder, { recursive: true, force: true }));

/** A journal that holds points that are not sent yet, as its file. */
function written(): string {
  Journal.open(path).write({ cursor: 7, next: 8, dirty: { "1m": [3, 4] }, unsent: UNSENT });
  return readFileSync(path, "utf8");
}

function refusalOf(text: string): Error {
  writeFileSync(path, text);
  try {
    Journal.open(path);
  } catch (error) {
    return error as Error;
  }
  throw new Error(`It was opened: ${text.slice(0, 80)}`);
}

test("what is written is read again, and the replica stays the same", () => {
  const { replica } = Journal.open(path).state;
  written();
  assert.equal(Journal.open(path).state, { replica, cursor: 7, next: 8, dirty: { "1m": [3, 4] }, unsent: UNSENT });
});

test("half of a new file, as a crash leaves it, changes nothing", () => {
  const text = written();
  const { state } = Journal.open(path);
  writeFileSync(`${path}.new`, text.slice(0, text.length / 2));
  assert.equal(Journal.open(path).state, state);
  Journal.open(path).write({ unsent: [] });
  assert.equal(Journal.open(path).state, { ...state, unsent: [] });
});

test("wherever its file was cut, or with something else behind it, it is refused with what to do and left as it is", () => {
  const text = written();
  const cuts = Array.from({ length: text.length }, (_, end) => text.slice(0, end));
  for (const damaged of [...cuts, `${text}\0\0\0\0`, `${text}${text}`, "\xff\xfe", "null", "[]", "7"]) {
    const error = refusalOf(damaged);
    assert.instance(error, StoreOpenError);
    assert.match(error.message, /influxdb-journal\.json .*(is damaged|is no journal of this version)\. .*Move it away/);
    assert.is(readFileSync(path, "utf8"), damaged);
  }
});

test.run();
