import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { test } from "uvu";
import * as assert from "uvu/assert";

import { backportsOf } from "../../provision/apt-sources.ts";
import { findProgram } from "../../provision/find-program.ts";
import { run } from "../../provision/run.ts";

test("a source of one line is repeated for the backports, with its options and components", () => {
  const text = [
    "# deb http://off.example/debian bookworm main",
    "deb http://mirror.example/debian bookworm main contrib # the nearest",
    "  deb [arch=amd64 signed-by=/k.gpg] https://other.example/debian/  bookworm  main",
    "deb-src http://mirror.example/debian bookworm main",
    "deb http://mirror.example/debian bookworm-updates main",
    "deb http://mirror.example/security bookworm-security main",
  ].join("\n");
  assert.is(
    backportsOf(text, "list", "bookworm"),
    "deb http://mirror.example/debian bookworm-backports main contrib\n" +
      "deb [arch=amd64 signed-by=/k.gpg] https://other.example/debian/  bookworm-backports  main\n",
  );
});

const KEY = [
  "Signed-By:",
  " -----BEGIN PGP PUBLIC KEY BLOCK-----",
  " .",
  " mQINBF",
  " -----END PGP PUBLIC KEY BLOCK-----",
];
const PARAGRAPHS = [
  "# The machine's own",
  "Types: deb deb-src",
  "URIs: http://mirror.example/debian",
  "# and its updates",
  "Suites: bookworm",
  " bookworm-updates",
  "Components: main contrib",
  ...KEY,
  "",
  "Types: deb",
  "URIs: http://mirror.example/security",
  "Suites: bookworm-security",
  "Components: main",
  "",
  "Enabled: no",
  "Types: deb",
  "URIs: http://off.example/debian",
  "Suites: bookworm",
  "Components: main",
].join("\n");

test("of paragraphs the one of the release is repeated for the backports, with its key", () => {
  assert.equal(backportsOf(PARAGRAPHS, "sources", "bookworm").trimEnd().split("\n"), [
    "Types: deb",
    "URIs: http://mirror.example/debian",
    "Suites: bookworm-backports",
    "Components: main contrib",
    ...KEY,
  ]);
});

test("of another release nothing is repeated", () => {
  assert.is(backportsOf(PARAGRAPHS, "sources", "trixie"), "");
  assert.is(backportsOf("deb http://mirror.example/debian bookworm main", "list", "trixie"), "");
});

const apt = findProgram("apt-get");
if (!apt) process.stdout.write("skipped: apt-get is not on PATH\n");
const scenario = (name: string, work: Parameters<typeof test>[1]): void =>
  apt ? test(name, work) : test.skip(name, work);

scenario("apt reads what is repeated as sources of the backports", async () => {
  const folder = await mkdtemp(join(tmpdir(), "sidelight-sources-"));
  try {
    const line = "deb [trusted=yes] http://lines.example/debian bookworm main";
    await writeFile(join(folder, "a.sources"), backportsOf(PARAGRAPHS, "sources", "bookworm"));
    await writeFile(join(folder, "b.list"), backportsOf(line, "list", "bookworm"));
    const options = ["-o", "Dir::Etc::SourceList=/dev/null", "-o", `Dir::Etc::SourceParts=${folder}`];
    const words = await run(apt!, [...options, "--print-uris", "update"]);
    const asked = words.split("\n").flatMap((line) => /'(.*\/InRelease)'/.exec(line)?.[1] ?? []);
    assert.equal(asked.sort(), [
      "http://lines.example/debian/dists/bookworm-backports/InRelease",
      "http://mirror.example/debian/dists/bookworm-backports/InRelease",
    ]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});

test.run();
