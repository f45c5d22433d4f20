/** Workloads, topology and endpoints over both APIs: the same questions, the same answers, the same refusals. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { credentials, type Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import {
  Attribute,
  End,
  FilterOperator,
  GetTopologyRequest,
  ListEndpointsRequest,
  ListWorkloadsRequest,
  StatsClient,
} from "#proto/stats.ts";
import type { Filter } from "#proto/stats.ts";
import type { GetTopologyResponse, ListEndpointsResponse, ListWorkloadsResponse } from "#proto/stats.ts";
import { toEndpoint, toNode, toTopology } from "../../../control/api/mapping.ts";
import type { EndpointsAnswer, TopologyAnswer, WorkloadsAnswer } from "../../../control/api/topology-answers.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import type { Store } from "../../../control/store/store.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";
import { loud } from "../../loud.ts";

const topology = suite("Topology over both APIs");
const secondMs = 1_000;
const filledAtMs = Math.floor(Date.now() / secondMs) * secondMs - 60_000;
const then = filledAtMs + 10 * secondMs;
const past = { at: new Date(then), window: { seconds: 10, nanos: 0 } };

let folder: string;
let store: Store;
let control: ControlUnderTest;
let client: StatsClient;

topology.before(
  loud(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-topology-"));
    store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
    const windows = Array.from({ length: 10 }, (_each, index) => shopSecond(filledAtMs + index * secondMs)).flat();
    await store.append(windows, 1);
    control = await startControl({ store });
    client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);

topology.after(async () => {
  client.close();
  await control.close();
  await store.close();
  await rm(folder, { recursive: true });
});

type Done<Response> = (error: ServiceError | null, response: Response) => void;

function call<Response>(start: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

const grpc = {
  workloads: (request: Partial<ListWorkloadsRequest> = {}) =>
    call<ListWorkloadsResponse>((done) => client.listWorkloads(ListWorkloadsRequest.create(request), done)),
  topology: async (request: Partial<GetTopologyRequest> = {}) =>
    (await call<GetTopologyResponse>((done) => client.getTopology(GetTopologyRequest.create(request), done))).topology!,
  endpoints: (request: Partial<ListEndpointsRequest> = {}) =>
    call<ListEndpointsResponse>((done) => client.listEndpoints(ListEndpointsRequest.create(request), done)),
};

async function http<Body>(path: string, parameters: readonly (readonly [string, string])[] = []): Promise<Body> {
  const response = await fetch(
    `${control.http}/api/v1/${path}?${new URLSearchParams(parameters as [string, string][])}`,
  );
  const body = (await response.json()) as Body & { error?: { message: string; field?: string } };
  if (body.error) throw Object.assign(new Error(body.error.message), { status: response.status, ...body.error });
  return body;
}

async function refusal(promise: Promise<unknown>): Promise<ServiceError & { status: number; field?: string }> {
  const error: unknown = await promise.then(
    () => new Error("It was answered"),
    (reason: unknown) => reason,
  );
  return error as ServiceError & { status: number; field?: string };
}

/** As a message goes over the wire: absent fields are absent. */
function plain<Message>(message: Message): Message {
  return JSON.parse(JSON.stringify(message)) as Message;
}

const words: Readonly<Record<string, Partial<Filter>>> = {
  "namespace=shop": { attribute: Attribute.ATTRIBUTE_NAMESPACE, value: "shop" },
  "client.workload=user": { attribute: Attribute.ATTRIBUTE_WORKLOAD, end: End.END_CLIENT, value: "user" },
  "workload!~^(user|orders)": {
    attribute: Attribute.ATTRIBUTE_WORKLOAD,
    operator: FilterOperator.FILTER_OPERATOR_NOT_MATCHES,
    value: "^(user|orders)",
  },
  "protocol!=tcp": {
    attribute: Attribute.ATTRIBUTE_PROTOCOL,
    operator: FilterOperator.FILTER_OPERATOR_NOT_EQUALS,
    value: "tcp",
  },
  "health=failing": { attribute: Attribute.ATTRIBUTE_HEALTH, value: "failing" },
};

function filterOf(word: string): Filter {
  return {
    attribute: Attribute.ATTRIBUTE_UNSPECIFIED,
    end: End.END_UNSPECIFIED,
    operator: FilterOperator.FILTER_OPERATOR_EQUALS,
    value: "",
    ...words[word],
  };
}

for (const filters of [[], ...Object.keys(words).map((word) => [word]), ["namespace=shop", "protocol!=tcp"]]) {
  for (const when of ["now", "then"] as const) {
    topology(`edges and endpoints ${when}, ${filters.join(" and ") || "all"}: both APIs say the same`, async () => {
      const asked = { filters: filters.map(filterOf), ...(when === "then" && past) };
      const instant =
        when === "then"
          ? ([
              ["at", String(then)],
              ["window", "10"],
            ] as const)
          : [];
      const parameters = [...instant, ...filters.map((filter) => ["filter", filter] as const)];
      const told = await http<TopologyAnswer>("topology", parameters);
      assert.equal(plain(await grpc.topology(asked)), plain(toTopology(told)));
      const endpoints = await http<EndpointsAnswer>("endpoints", parameters);
      assert.equal(plain((await grpc.endpoints(asked)).endpoints), plain(endpoints.endpoints.map(toEndpoint)));
    });
  }
}

topology("edges are picked by both ends, and nodes are those at the ends of what is left", async () => {
  const ends = async (...filters: string[]): Promise<string[]> => {
    const { edges } = await grpc.topology({ filters: filters.map(filterOf) });
    return edges.map((edge) => `${edge.client} ${edge.server}`);
  };
  assert.equal(await ends("client.workload=user"), ["shop/user shop/user-db"]);
  assert.equal(await ends("workload!~^(user|orders)"), ["external/internet shop/front-end"]);
  assert.equal(await ends("health=failing"), ["shop/front-end shop/user"]);
  const { nodes } = await grpc.topology({ filters: [filterOf("client.workload=user")] });
  assert.equal(
    nodes.map(({ id }) => id),
    ["shop/user", "shop/user-db"],
  );
  const quiet = await grpc.topology({ filters: [filterOf("namespace=shop")] });
  assert.ok(quiet.nodes.some(({ id }) => id === "shop/orders"));
});

topology("workloads are picked, now and then", async () => {
  const ids = ({ workloads }: { workloads: readonly { id: string }[] }) => workloads.map(({ id }) => id);
  const failing = await grpc.workloads({ filters: [filterOf("health=failing")] });
  assert.equal(ids(failing), ["shop/user"]);
  const told = await http<WorkloadsAnswer>("workloads", [
    ["at", String(then)],
    ["window", "10"],
  ]);
  const asked = await grpc.workloads(past);
  assert.equal(plain(asked.workloads), plain(told.workloads.map(toNode)));
  assert.equal([asked.at?.getTime(), asked.windowSeconds], [then, 10]);
  assert.equal(ids(asked), ["shop/front-end", "shop/orders", "shop/user", "shop/user-db"]);
});

topology("an endpoint is told over the clients that are left, and judged as a whole", async () => {
  const [cards, ...others] = (await grpc.endpoints({ filters: [filterOf("health=failing")] })).endpoints;
  assert.equal(others, []);
  assert.is(cards?.red?.errorShare, 0.2, "those of both clients");
  const { endpoints } = await http<EndpointsAnswer>("endpoints", [["filter", "client.workload=orders"]]);
  assert.equal(endpoints.map(({ route }) => route).sort(), ["/addresses/{id}", "/cards/{id}"]);
  assert.ok(endpoints.every(({ red }) => red.serverErrors === 0));
});

topology("how many connections were open is not known of the past", async () => {
  const active = ({ edges }: { edges: readonly { protocol: string; active?: number | undefined }[] }) =>
    edges.find(({ protocol }) => protocol === "tcp")?.active;
  assert.is(active(await grpc.topology()), 7);
  assert.is(active(await grpc.topology(past)), undefined);
});

topology("what is wrong is named by its field, in either words", async () => {
  const wrong = filterOf("health=failing");
  const cases: readonly [
    GetTopologyRequest | Partial<GetTopologyRequest>,
    string,
    readonly (readonly [string, string])[],
  ][] = [
    [{ filters: [wrong, { ...wrong, value: "ill" }] }, "filters[1].value", [["filter", "health=ill"]]],
    [{ filters: [{ ...wrong, attribute: Attribute.ATTRIBUTE_POD }] }, "filters[0].attribute", [["filter", "pod=x"]]],
    [{ filters: [{ ...wrong, attribute: 99 as Attribute }] }, "filters[0].attribute", [["filter", "colour=red"]]],
    [{ filters: [{ ...wrong, operator: 99 as FilterOperator }] }, "filters[0].operator", [["filter", "kind<3"]]],
    [{ filters: [{ ...wrong, end: End.END_SERVER }] }, "filters[0].end", [["filter", "client.health=idle"]]],
    [
      { filters: Array.from({ length: 17 }, () => wrong) },
      "filters",
      Array.from({ length: 17 }, () => ["filter", "kind=store"] as const),
    ],
    [{ ...past, at: new Date(Date.now() + 60_000) }, "at", [["at", String(Date.now() + 60_000)]]],
    [{ ...past, at: new Date(-1) }, "at", [["at", "-1"]]],
    [
      { ...past, window: { seconds: -5, nanos: 0 } },
      "window",
      [
        ["at", String(then)],
        ["window", "-5"],
      ],
    ],
    [
      { ...past, window: { seconds: 366 * 86_400, nanos: 0 } },
      "window",
      [
        ["at", String(then)],
        ["window", "31622400"],
      ],
    ],
    [
      { ...past, window: { seconds: 1, nanos: 5 } },
      "window",
      [
        ["at", String(then)],
        ["window", "1.5"],
      ],
    ],
    [{ window: { seconds: 30, nanos: 0 } }, "window", [["window", "30"]]],
  ];
  for (const [request, field, parameters] of cases) {
    const refused = await refusal(grpc.topology(request));
    assert.is(refused.code, status.INVALID_ARGUMENT, `${field}: ${refused.message}`);
    assert.equal(violation(refused.metadata), [field, refused.details]);
    assert.match(refused.details, `"${field}"`);
    const told = await refusal(http("topology", parameters));
    assert.equal([told.status, told.field], [400, field.replace(/^filters.*/, "filter")], told.message);
  }
  const prometheus = await refusal(http("topology", [["filter", "workload=~^cart"]]));
  assert.match(prometheus.message, "is written workload~^cart");
  assert.is((await refusal(http("topology", [["route", "/"]]))).field, "route");
});

/** Field and description of the one violation in a google.rpc.BadRequest. */
function violation(metadata: Metadata): string[] {
  const [bytes] = metadata.get("grpc-status-details-bin") as Buffer[];
  const field = (message: Uint8Array, wanted: number): Uint8Array => {
    const reader = new BinaryReader(message);
    while (reader.pos < reader.len) {
      const [number, wireType] = reader.tag();
      if (number === wanted) return reader.bytes();
      reader.skip(wireType);
    }
    throw new Error(`No field ${wanted}`);
  };
  const any = field(bytes!, 3);
  assert.is(Buffer.from(field(any, 1)).toString(), "type.googleapis.com/google.rpc.BadRequest");
  const violated = field(field(any, 2), 1);
  return [1, 2].map((number) => Buffer.from(field(violated, number)).toString());
}

topology("a date that no date can name is refused and not crashed on", async () => {
  const bytes = Buffer.concat([
    // Field 1, a Timestamp of 9 bytes of varint: the largest number of seconds there is.
    Buffer.from([0x0a, 10, 0x08]),
    Buffer.from([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]),
  ]);
  const raw = await refusal(
    new Promise((resolve, reject) => {
      const send = (each: Buffer): Buffer => each;
      client.makeUnaryRequest("/sidelight.v1.Stats/GetTopology", send, send, bytes, (error, answer) =>
        error ? reject(error) : resolve(answer),
      );
    }),
  );
  assert.is.not(raw.code, undefined);
  assert.ok((await grpc.topology()).edges.length > 0, "control lives");
});

topology.run();
