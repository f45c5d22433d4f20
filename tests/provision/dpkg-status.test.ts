import { test } from "uvu";
import * as assert from "uvu/assert";
import { baseSystem } from "../../provision/dpkg-status.ts";

function record(name: string, fields: Readonly<Record<string, string>> = {}): string {
  const all = { Status: "install ok installed", Priority: "optional", ...fields };
  return [`Package: ${name}`, ...Object.entries(all).map(([key, value]) => `${key}: ${value}`)].join("\n");
}

function names(status: string): string[] {
  return [...status.matchAll(/^Package: (.*)$/gm)].map((match) => match[1] ?? "").sort();
}

test("keeps what is required and what that needs, and nothing else", () => {
  const status = [
    record("bash", { Essential: "yes", "Pre-Depends": "libc6 (>= 2.36), libtinfo6:any" }),
    record("libc6", { Depends: "libgcc-s1" }),
    record("libgcc-s1"),
    record("libtinfo6"),
    record("redis-server", { Depends: "libc6, libjemalloc2" }),
    record("libjemalloc2"),
  ].join("\n\n");
  assert.equal(names(baseSystem(status)), ["bash", "libc6", "libgcc-s1", "libtinfo6"]);
});

test("an alternative or a virtual package counts through whoever is installed", () => {
  const status = [
    record("init", { Priority: "required", Depends: "systemd-sysv | sysvinit-core, awk" }),
    record("sysvinit-core"),
    record("mawk", { Provides: "awk" }),
  ].join("\n\n");
  assert.equal(names(baseSystem(status)), ["init", "mawk", "sysvinit-core"]);
});

test("a package that was removed but for its configuration is not there", () => {
  const removed = record("cron", { Priority: "required", Status: "deinstall ok config-files" });
  assert.is(baseSystem(removed), "");
});

test("dependencies in a circle end", () => {
  const status = [record("a", { Essential: "yes", Depends: "b" }), record("b", { Depends: "a" })].join("\n\n");
  assert.equal(names(baseSystem(status)), ["a", "b"]);
});

test.run();
