import { test } from "uvu";
import * as assert from "uvu/assert";
import { parseShopConfig } from "../../demo/shop/config.ts";
import { SERVICE_NAMES, STORES_OF } from "../../demo/shop/names.ts";

/** A fresh valid configuration, loose enough to be broken by a test. */
function validConfig() {
  const services: Record<string, { listen: string; outbound: string; stores: Record<string, unknown> }> = {};
  for (const name of SERVICE_NAMES) {
    const stores = Object.fromEntries(STORES_OF[name].map((store) => [store, { host: "127.0.0.1", port: 1234 }]));
    services[name] = { listen: "127.0.0.1:0", outbound: "127.0.1.1:15001", stores };
  }
  return { services, control: "127.0.0.1:9000" };
}

test("a whole configuration is read", () => {
  const config = parseShopConfig(validConfig());
  assert.equal(config.services.user?.outbound, { host: "127.0.1.1", port: 15001 });
  assert.equal(config.services.user?.stores["user-db"], { host: "127.0.0.1", port: 1234 });
  assert.equal(config.control, { host: "127.0.0.1", port: 9000 });
});

test("what is wrong is named", () => {
  const cases: [string, (config: ReturnType<typeof validConfig>) => void][] = [
    ["payment", ({ services }) => delete services["payment"]],
    ["user needs the address of user-db", ({ services }) => delete services["user"]?.stores["user-db"]],
    ["not host:port", (config) => (config.control = "localhost")],
    ["not host:port", (config) => (config.control = "127.0.0.1:99999")],
    ["services.carts.listen", ({ services }) => Object.assign(services["carts"] ?? {}, { listen: 8080 })],
    ["lissen", ({ services }) => Object.assign(services["carts"] ?? {}, { lissen: "127.0.0.1:1" })],
  ];
  for (const [expected, spoil] of cases) {
    const config = validConfig();
    spoil(config);
    assert.throws(
      () => parseShopConfig(config),
      (error: Error) => error.message.includes(expected),
      `expected "${expected}"`,
    );
  }
});

test.run();
