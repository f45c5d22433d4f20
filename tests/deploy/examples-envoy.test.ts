/**
 * What the examples for other meshes make of Envoy, in a real one: it fetches the filter from control over HTTP, under its hash,
 * runs it, and control knows who reports.
 */
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { parse, parseAllDocuments } from "yaml";
import type { FilterAnswer } from "../../control/api/filter-routes.ts";
import type { Snapshot } from "../../control/world/model.ts";
import { projectRoot } from "../../provision/build.ts";
import { ControlProcess } from "../control/control-process.ts";
import { startEnvoy } from "../envoy.ts";
import { until } from "../control/until.ts";
import { loud } from "../loud.ts";

const REQUESTS = 40;
/** The sidecar's streams come from one address, and what it stands before has another. */
const INVENTORY = `
workloads:
  - { namespace: shop, name: orders, addresses: [127.0.0.1] }
  - { namespace: shop, name: app, role: unmeshed, addresses: [127.0.0.2] }
`;

interface Modification {
  readonly cluster?: { readonly value: string };
  readonly httpFilter?: { readonly match: { readonly origin: string }; readonly value: string };
}

interface Context {
  folder: string;
  control: ControlProcess;
  filter: FilterAnswer;
  app: ReturnType<typeof createServer>;
}

const test = suite<Context>("The examples in a real Envoy");

test.before(
  loud(async (context) => {
    context.folder = await mkdtemp(join(tmpdir(), "sidelight-examples-"));
    await writeFile(join(context.folder, "inventory.yaml"), INVENTORY);
    context.control = await ControlProcess.start({
      SIDELIGHT_DATA_DIR: join(context.folder, "data"),
      SIDELIGHT_INVENTORY: join(context.folder, "inventory.yaml"),
      SIDELIGHT_KUBERNETES: "off",
    });
    context.filter = await context.control.json<FilterAnswer>("/api/v1/filter");
    context.app = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.2");
  }),
);

test.after(async ({ folder, control, app }) => {
  app.close();
  await control.end("SIGKILL");
  await rm(folder, { recursive: true });
});

/** An example as somebody uses it: with the hash of the filter, and here with control's ports. */
async function example(name: string, { control, filter }: Context): Promise<unknown[]> {
  const port = (address: string): string => address.split(":").at(-1) ?? "";
  const text = (await readFile(join(projectRoot, "deploy", "examples", name), "utf8"))
    .replaceAll("0".repeat(64), filter.sha256)
    .replaceAll("address: sidelight.sidelight.svc.cluster.local", "address: 127.0.0.1")
    .replaceAll("port_value: 9400", `port_value: ${port(control.grpc)}`)
    .replaceAll("port_value: 9480", `port_value: ${port(control.http)}`);
  return parseAllDocuments(text).map((document) => document.toJS() as unknown);
}

function listener(filter: unknown): object {
  const router = { "@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router" };
  return {
    name: "in",
    address: { socket_address: { address: "127.0.0.1", port_value: 0 } },
    filter_chains: [
      {
        filters: [
          {
            name: "envoy.filters.network.http_connection_manager",
            typed_config: {
              "@type":
                "type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager",
              stat_prefix: "in",
              use_remote_address: true,
              route_config: {
                virtual_hosts: [
                  { name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "app" } }] },
                ],
              },
              http_filters: [filter, { name: "envoy.filters.http.router", typed_config: router }],
            },
          },
        ],
      },
    ],
  };
}

function appCluster({ app }: Context): object {
  const { port } = app.address() as AddressInfo;
  const endpoint = { address: { socket_address: { address: "127.0.0.2", port_value: port } } };
  return {
    ...{ name: "app", type: "STATIC" },
    load_assignment: { cluster_name: "app", endpoints: [{ lb_endpoints: [{ endpoint }] }] },
  };
}

/** Sends requests through an Envoy, and gives what control then says of edges between which ends. */
async function counted(bootstrap: object, context: Context, ends: RegExp): Promise<number> {
  const envoy = await startEnvoy(bootstrap);
  try {
    for (let sent = 0; sent < REQUESTS; sent += 1) {
      const answer = await fetch(`http://127.0.0.1:${envoy.port("in")}/orders/${sent}`);
      assert.is(answer.status, 200);
      await answer.text();
    }
    let seen = "";
    const total = async (): Promise<number> => {
      const { edges } = await context.control.json<Snapshot>("/api/v1/snapshot");
      seen = edges.map(({ client, server, total: sum }) => `${client} ${server} ${JSON.stringify(sum)}`).join("\n");
      const totals = await context.control.totals();
      return totals
        .filter(({ client, server }) => ends.test(`${client} -> ${server}`))
        .flatMap(({ outcomes }) => Object.values(outcomes))
        .reduce((sum, count) => sum + count, 0);
    };
    await until(async () => (await total()) >= REQUESTS).catch((cause: unknown) => {
      throw new Error(`Control counted something else:\n${seen}\nEnvoy says:\n${envoy.log().slice(-2_000)}`, { cause });
    });
    return await total();
  } finally {
    await envoy.stop();
  }
}

test("Kuma's: fetched by Envoy, and what it counts is of whom the stream comes from", async (context) => {
  const [patch] = (await example("kuma.yaml", context)) as [
    { readonly spec: { readonly default: { readonly appendModifications: readonly Modification[] } } },
  ];
  const { appendModifications: all } = patch.spec.default;
  const clusters = all.flatMap(({ cluster }) => (cluster ? [parse(cluster.value) as object] : []));
  const filters = all.flatMap(({ httpFilter }) => (httpFilter ? [httpFilter] : []));
  assert.equal(
    filters.map(({ match }) => match.origin),
    ["inbound", "outbound"],
  );
  const [inbound, outbound] = filters.map(({ value }) => parse(value) as object);
  const bootstrap = {
    node: { id: "default.orders-1", cluster: "orders" },
    static_resources: { listeners: [listener(inbound)], clusters: [...clusters, appCluster(context)] },
  };
  assert.is(await counted(bootstrap, context, /-> shop\/orders$/), REQUESTS);
  // The other filter has the same form; that Envoy takes it is enough.
  const other = { ...bootstrap, static_resources: { ...bootstrap.static_resources, listeners: [listener(outbound)] } };
  await (await startEnvoy(other)).stop();
});

test("Envoy Gateway's: the gateway reports as the workload that its bootstrap names", async (context) => {
  const [proxy, policy] = (await example("envoy-gateway.yaml", context)) as [
    { readonly spec: { readonly bootstrap: { readonly value: string } } },
    { readonly spec: { readonly wasm: readonly [{ readonly name: string; readonly rootID: string; config: object }] } },
  ];
  const merged = parse(proxy.spec.bootstrap.value) as {
    readonly node: object;
    readonly static_resources: { readonly clusters: readonly object[] };
  };
  const [{ name, rootID, config }] = policy.spec.wasm;
  const filter = {
    name,
    typed_config: {
      "@type": "type.googleapis.com/envoy.extensions.filters.http.wasm.v3.Wasm",
      config: {
        ...{ name, root_id: rootID, fail_open: true },
        // As Envoy Gateway hands it over: JSON as a text.
        configuration: { "@type": "type.googleapis.com/google.protobuf.StringValue", value: JSON.stringify(config) },
        vm_config: {
          runtime: "envoy.wasm.runtime.v8",
          code: { local: { filename: join(projectRoot, "build", "filter", "sidelight.wasm") } },
        },
      },
    },
  };
  const bootstrap = {
    node: { ...merged.node, id: "edge-1", cluster: "edge" },
    static_resources: {
      listeners: [listener(filter)],
      clusters: [...merged.static_resources.clusters, appCluster(context)],
    },
  };
  assert.is(await counted(bootstrap, context, /^shop\/edge -> shop\/app$/), REQUESTS);
});

test.run();
