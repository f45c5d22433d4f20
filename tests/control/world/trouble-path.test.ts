import { test } from "uvu";
import * as assert from "uvu/assert";
import { troublePath } from "../../../control/world/trouble-path.ts";
import type { PathEdge } from "../../../control/world/trouble-path.ts";

/** "a>b" healthy, "a>b!" hurt, "a>b!!" failing. */
function edges(...texts: string[]): PathEdge[] {
  return texts.map((text) => {
    const id = text.replaceAll("!", "");
    const [client = "", server = ""] = id.split(">");
    return { id, client, server, isFailing: text.endsWith("!!"), isHurt: text.includes("!"), errors: 1 };
  });
}

test("nothing fails: no path", () => {
  assert.equal(troublePath(edges("a>b", "b>c!")), []);
});

test("from the entry to the failing edge, along what is hurt", () => {
  const shop = edges("x>front", "front>user", "front>orders!", "orders>user!!", "user>db");
  assert.equal(troublePath(shop), ["x>front", "front>orders", "orders>user"]);
});

test("the way that is hurt is taken, even if it is longer", () => {
  assert.equal(troublePath(edges("a>d", "a>b!", "b>c!", "c>d!", "d>e!!")), ["a>b", "b>c", "c>d", "d>e"]);
});

test("of several failing edges the deepest", () => {
  assert.equal(troublePath(edges("a>b!!", "b>c!!", "a>d!!")), ["a>b", "b>c"]);
});

test("of equally deep ones that with the most errors", () => {
  const [left, right] = edges("a>b!!", "a>c!!") as [PathEdge, PathEdge];
  assert.equal(troublePath([left, { ...right, errors: 9 }]), ["a>c"]);
});

test("without an entry the failing edge alone; a call to itself is no caller", () => {
  assert.equal(troublePath(edges("a>b", "b>a!!")), ["b>a"]);
  assert.equal(troublePath(edges("a>a", "a>b!!")), ["a>b"]);
});

test("cycles on the way are not walked in circles", () => {
  assert.equal(troublePath(edges("a>b!", "b>c!", "c>b!", "c>d!!")), ["a>b", "b>c", "c>d"]);
});

test.run();
