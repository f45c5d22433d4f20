/** Puts the same question to both APIs of a control that has the shop in its world and, a minute ago, in its history. */
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { BinaryReader } from "@bufbuild/protobuf/wire";
import { credentials, type Metadata, type ServiceError } from "@grpc/grpc-js";
import * as assert from "uvu/assert";
import {
  GetSeriesRequest,
  GetTopologyRequest,
  ListEndpointsRequest,
  ListPathsRequest,
  ListPodsRequest,
  ListWorkloadsRequest,
  StatsClient,
} from "#proto/stats.ts";
import type {
  GetSeriesResponse,
  GetTopologyResponse,
  ListEndpointsResponse,
  ListPathsResponse,
  ListPodsResponse,
  ListWorkloadsResponse,
} from "#proto/stats.ts";
import { DuckDbStore } from "../../../control/store/duckdb/duckdb-store.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { shopSecond } from "./fixture-shop.ts";

const secondMs = 1_000;

export interface BothApis {
  readonly control: ControlUnderTest;
  readonly client: StatsClient;
  /** The end of the ten seconds that are in the history. */
  readonly thenMs: number;
  readonly grpc: ReturnType<typeof callsOf>;
  /** @throws an Error with status, message and field, where that is what was answered */
  http<Body>(path: string, parameters?: readonly (readonly [string, string])[]): Promise<Body>;
  close(): Promise<void>;
}

export async function startBoth(): Promise<BothApis> {
  const filledAtMs = Math.floor(Date.now() / secondMs) * secondMs - 60_000;
  const folder = await mkdtemp(join(tmpdir(), "sidelight-both-"));
  const store = await DuckDbStore.open({ path: join(folder, "history.duckdb"), memoryLimitMb: 64 });
  const windows = Array.from({ length: 10 }, (_each, index) => shopSecond(filledAtMs + index * secondMs)).flat();
  await store.append(windows, 1);
  const control = await startControl({ store });
  const client = new StatsClient(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  return {
    control,
    client,
    thenMs: filledAtMs + 10 * secondMs,
    grpc: callsOf(client),
    http: (path, parameters = []) => get(`${control.http}/api/v1/${path}`, parameters),
    async close() {
      client.close();
      await control.close();
      await store.close();
      await rm(folder, { recursive: true });
    },
  };
}

type Done<Response> = (error: ServiceError | null, response: Response) => void;

function call<Response>(start: (done: Done<Response>) => unknown): Promise<Response> {
  return new Promise((resolve, reject) => start((error, response) => (error ? reject(error) : resolve(response))));
}

function callsOf(client: StatsClient) {
  return {
    workloads: (request: Partial<ListWorkloadsRequest> = {}) =>
      call<ListWorkloadsResponse>((done) => client.listWorkloads(ListWorkloadsRequest.create(request), done)),
    topologyPage: (request: Partial<GetTopologyRequest> = {}) =>
      call<GetTopologyResponse>((done) => client.getTopology(GetTopologyRequest.create(request), done)),
    async topology(request: Partial<GetTopologyRequest> = {}) {
      return (await this.topologyPage(request)).topology!;
    },
    series: (request: Partial<GetSeriesRequest> = {}) =>
      call<GetSeriesResponse>((done) => client.getSeries(GetSeriesRequest.create(request), done)),
    pods: (request: Partial<ListPodsRequest> = {}) =>
      call<ListPodsResponse>((done) => client.listPods(ListPodsRequest.create(request), done)),
    endpoints: (request: Partial<ListEndpointsRequest> = {}) =>
      call<ListEndpointsResponse>((done) => client.listEndpoints(ListEndpointsRequest.create(request), done)),
    paths: (request: Partial<ListPathsRequest> = {}) =>
      call<ListPathsResponse>((done) => client.listPaths(ListPathsRequest.create(request), done)),
  };
}

async function get<Body>(url: string, parameters: readonly (readonly [string, string])[]): Promise<Body> {
  const response = await fetch(`${url}?${new URLSearchParams(parameters as [string, string][])}`);
  const body = (await response.json()) as Body & { error?: { message: string; field?: string } };
  if (body.error) throw Object.assign(new Error(body.error.message), { status: response.status, ...body.error });
  return body;
}

/** What either API refuses something with. */
export type Refusal = ServiceError & { status: number; field?: string };

export async function refusal(promise: Promise<unknown>): Promise<Refusal> {
  const error: unknown = await promise.then(
    () => new Error("It was answered"),
    (reason: unknown) => reason,
  );
  return error as Refusal;
}

/** As a message goes over the wire: absent fields are absent. */
export function plain<Message>(message: Message): Message {
  return JSON.parse(JSON.stringify(message)) as Message;
}

/** Field and description of the one violation in a google.rpc.BadRequest. */
export function violation(metadata: Metadata): string[] {
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
