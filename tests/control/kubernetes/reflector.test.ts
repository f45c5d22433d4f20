import type { ServerResponse } from "node:http";
import { test } from "uvu";
import * as assert from "uvu/assert";
import { ApiError } from "../../../control/kubernetes/api-error.ts";
import { until } from "../until.ts";
import { event, list, object, refuse, scriptedApi } from "./scripted-api.ts";
import type { Script } from "./scripted-api.ts";

/** Lists these, and lets watches wait. */
const lists =
  (names: readonly string[], version = "10"): Script =>
  ({ isWatch }, response) => {
    if (isWatch) response.flushHeaders();
    else list(response, names, version);
  };

test("all pages of a list, then a watch from its version", async () => {
  const api = await scriptedApi(({ isWatch, query }, response) => {
    if (isWatch) response.flushHeaders();
    else if (query.get("continue") === null) list(response, ["a", "b"], "10", "more");
    else list(response, ["c"], "10");
  });
  try {
    await until(() => api.asked.length === 3);
    assert.equal(api.told, ["+a", "+b", "+c"]);
    const [first, second, watch] = api.asked;
    assert.is(first?.query.get("limit"), "2");
    assert.is(second?.query.get("continue"), "more");
    assert.is(watch?.query.get("resourceVersion"), "10");
    assert.is(watch?.query.get("allowWatchBookmarks"), "true");
    assert.is(watch?.query.get("timeoutSeconds"), "90");
    assert.equal(api.reflector.status(), {
      ...{ objects: 3, inStepMs: 1_000_000, lists: 1, watches: 1, events: 0, failures: 0 },
    });
  } finally {
    await api.close();
  }
});

test("events in pieces of any size; after a cut the watch goes on where it was", async () => {
  let open: ServerResponse | undefined;
  const api = await scriptedApi(({ isWatch }, response) => {
    if (!isWatch) list(response, ["a"], "10");
    else {
      response.flushHeaders();
      open = response;
    }
  });
  try {
    await until(() => open !== undefined);
    const text =
      event("ADDED", object("ü", "11")) + event("DELETED", object("a", "12")) + event("BOOKMARK", object("", "15"));
    const bytes = Buffer.from(text);
    // Cut within the letter of two bytes too.
    const at = bytes.indexOf("ü") + 1;
    for (const piece of [bytes.subarray(0, at), bytes.subarray(at, at + 3), bytes.subarray(at + 3)]) {
      open?.write(piece);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    await until(() => api.reflector.status().events === 3);
    assert.equal(api.told, ["+a", "+ü", "-a@1000000"]);
    open?.destroy();
    await until(() => api.asked.length === 3);
    assert.is(api.asked[2]?.query.get("resourceVersion"), "15");
    assert.is(api.reflector.status().lists, 1, "nothing was listed anew");
    assert.is(api.reflector.status().failures, 1);
  } finally {
    await api.close();
  }
});

test("410, as an answer and as an event: all is listed, and what has gone meanwhile is taken out", async () => {
  for (const way of ["answer", "event"] as const) {
    let watches = 0;
    const api = await scriptedApi(({ isWatch }, response) => {
      if (!isWatch) list(response, watches === 0 ? ["a", "b"] : ["b", "c"], watches === 0 ? "10" : "20");
      else if ((watches += 1) > 1) response.flushHeaders();
      else if (way === "answer") refuse(response, 410, "Expired");
      else response.write(event("ERROR", { code: 410, reason: "Expired", message: "too old" }));
    });
    try {
      await until(() => watches === 2);
      assert.equal(api.told, ["+a", "+b", "+b", "+c", "-a@1000000"], way);
      assert.is(api.asked.at(-1)?.query.get("resourceVersion"), "20");
      assert.is(api.failures.length, 0, "nothing that somebody would have to know of");
    } finally {
      await api.close();
    }
  }
});

test("what has gone unseen is known until when it was last known to be there", async () => {
  let cut: ServerResponse | undefined;
  const api = await scriptedApi(({ isWatch }, response) => {
    if (!isWatch) list(response, cut ? [] : ["a"], "10");
    else if (cut) response.flushHeaders();
    else {
      cut = response;
      response.flushHeaders();
    }
  });
  try {
    await until(() => cut !== undefined);
    api.nowMs = 1_005_000;
    cut?.write(event("BOOKMARK", object("", "11")));
    await until(() => api.reflector.status().events === 1);
    api.nowMs = 1_060_000;
    cut?.end(event("ERROR", { code: 410 }));
    await until(() => api.told.length === 2);
    assert.equal(api.told, ["+a", "-a@1005000"]);
  } finally {
    await api.close();
  }
});

test("a continuation that has expired begins the list anew, and at last asks for one page", async () => {
  const api = await scriptedApi(({ isWatch, query }, response) => {
    if (isWatch) response.flushHeaders();
    else if (query.get("limit") === null) list(response, ["a", "b", "c"], "30");
    else if (query.get("continue") === null) list(response, ["a", "b"], "10", "more");
    else refuse(response, 410, "Expired");
  });
  try {
    await until(() => api.asked.some(({ isWatch }) => isWatch));
    assert.is(api.asked.filter(({ query }) => query.get("continue") === "more").length, 3);
    assert.is(api.reflector.status().objects, 3);
    assert.is(api.asked.at(-1)?.query.get("resourceVersion"), "30");
  } finally {
    await api.close();
  }
});

const failing: [name: string, script: Script, message: RegExp][] = [
  ["no answer at all", () => undefined, /did not answer in 200 ms/],
  [
    "a list that stops in the middle",
    (_asked, response) => void response.write('{"items": ['),
    /fell silent for 200 ms/,
  ],
  ["what is no JSON", (_asked, response) => void response.end("<html>"), /JSON/],
  ["a refusal", (_asked, response) => refuse(response, 403, "Forbidden"), /Forbidden by the script/],
  [
    "a refusal by something in between",
    (_asked, response) => {
      response.statusCode = 502;
      response.end("Bad gateway");
    },
    /^Bad gateway$/,
  ],
  ["a watch that is silent", (asked, response) => lists(["a"])(asked, response), /fell silent for 200 ms/],
  [
    "a watch that ends at once",
    ({ isWatch }, response) => (isWatch ? void response.end() : list(response, ["a"], "1")),
    /ended the watch at once/,
  ],
  [
    "a line that is no JSON",
    ({ isWatch }, response) => (isWatch ? void response.write("{}}\n") : list(response, ["a"], "1")),
    /JSON/,
  ],
  [
    "a line without an end",
    ({ isWatch }, response) => (isWatch ? void response.write("x".repeat(17 << 20)) : list(response, ["a"], "1")),
    /longer than/,
  ],
];

for (const [name, script, message] of failing) {
  test(`survived: ${name}`, async () => {
    // Only those that wait for silence are to take a busy machine for one.
    const limitMs = /in 200 ms|for 200 ms/.test(message.source) ? 200 : 60_000;
    const api = await scriptedApi(script, { idleMs: limitMs }, limitMs);
    try {
      await until(() => api.failures.length >= 2, 10_000);
      for (const failure of api.failures) assert.match(failure.message, message);
      api.script = ({ isWatch }, response) => {
        if (!isWatch) list(response, ["a", "z"], "50");
        else response.write(event("ADDED", object("z", "51")));
      };
      await until(() => api.told.includes("+z"), 10_000);
      assert.ok(api.recoveries > 0);
    } finally {
      await api.close();
    }
  });
}

test("a refusal says what it was", async () => {
  const api = await scriptedApi((_asked, response) => refuse(response, 403, "Forbidden"));
  try {
    await until(() => api.failures.length > 0);
    const [failure] = api.failures;
    assert.instance(failure, ApiError);
    assert.ok((failure as ApiError).needsSomebody);
    assert.is((failure as ApiError).reason, "Forbidden");
  } finally {
    await api.close();
  }
});

test("all is listed now and then, whatever the watch says", async () => {
  let open: ServerResponse | undefined;
  const api = await scriptedApi(
    ({ isWatch }, response) => {
      if (!isWatch) list(response, ["a"], "10");
      else {
        response.flushHeaders();
        open = response;
      }
    },
    { relistMs: 30_000 },
  );
  try {
    await until(() => open !== undefined);
    assert.is(api.asked[1]?.query.get("timeoutSeconds"), "30", "no watch is longer than until then");
    api.nowMs += 30_000;
    open?.end();
    await until(() => api.reflector.status().lists === 2);
    assert.is(api.reflector.status().failures, 0);
  } finally {
    await api.close();
  }
});

test.run();
