import { test } from "uvu";
import * as assert from "uvu/assert";

import { readLiveSettings } from "../../tap/settings.ts";

test("flags go before the environment, which goes before what is usual", () => {
  const env = {
    SIDELIGHT_TAP_INTERFACES: "eth0, cni0",
    SIDELIGHT_TAP_CONTROL: "sidelight:9400",
    SIDELIGHT_TAP_NODE: "node-1",
    SIDELIGHT_TAP_HEALTH: "127.0.0.1:9410",
    SIDELIGHT_TAP_BUFFER_MB: "",
  };
  const settings = readLiveSettings({ node: "node-2" }, env);
  assert.equal(settings, {
    capture: { interfaces: ["eth0", "cni0"], filter: "not tcp port 9400", bufferMb: 32 },
    control: "sidelight:9400",
    node: "node-2",
    health: "127.0.0.1:9410",
    seconds: undefined,
    isSummedUp: false,
  });
});

test("on all interfaces the loopback is left out, and without control what was counted is printed", () => {
  const settings = readLiveSettings({ filter: "tcp" }, {});
  assert.equal(settings.capture.interfaces, ["any"]);
  assert.is(settings.capture.filter, "(tcp) and not (net 127.0.0.0/8 or host ::1)");
  assert.ok(settings.isSummedUp);
});

test("what cannot be used is named as it was given", () => {
  const given =
    (flags: Parameters<typeof readLiveSettings>[0], env = {}) =>
    () =>
      readLiveSettings(flags, env);
  assert.throws(given({ control: "sidelight" }), /^--control is "sidelight"; it must be HOST:PORT/);
  assert.throws(given({ health: "9410" }), /^--health is "9410"; it must be HOST:PORT, such as 127.0.0.1:9410/);
  assert.throws(given({ bufferMb: "0" }), /^--buffer-mb is "0"; it must be from 1 to 1024/);
  assert.throws(
    given({}, { SIDELIGHT_TAP_INTERFACES: "a b" }),
    /^SIDELIGHT_TAP_INTERFACES is "a b"; it must be a name/,
  );
  assert.throws(given({}, { SIDELIGHT_TAP_SECONDS: "soon" }), /^SIDELIGHT_TAP_SECONDS is "soon"/);
});

test.run();
