import { BinaryReader, BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { create, createFileRegistry, fromBinary } from "@bufbuild/protobuf";
import { FileDescriptorProtoSchema, FileDescriptorSetSchema } from "@bufbuild/protobuf/wkt";
import { Client, credentials, type ServiceError } from "@grpc/grpc-js";
import { service as healthService } from "grpc-health-check";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";
import { loud } from "../../loud.ts";

/** The two versions of the protocol differ in nothing but the name of the package. */
const versions = ["v1", "v1alpha"] as const;

const services = suite("gRPC reflection and health");
let control: ControlUnderTest;
let client: Client;

services.before(
  loud(async () => {
    control = await startControl();
    client = new Client(control.grpc, credentials.createInsecure(), { "grpc.enable_http_proxy": 0 });
  }),
);

services.after(async () => {
  client.close();
  await control.close();
});

/** Asks one question. `field` is that of ServerReflectionRequest; the answer is the raw ServerReflectionResponse. */
function reflect(version: string, field: number, text: string): Promise<Uint8Array> {
  const request = Buffer.from(new BinaryWriter().tag(field, WireType.LengthDelimited).string(text).finish());
  return new Promise((resolve, reject) => {
    const stream = client.makeBidiStreamRequest(
      `/grpc.reflection.${version}.ServerReflection/ServerReflectionInfo`,
      (bytes: Buffer) => bytes,
      (bytes: Buffer) => bytes,
    );
    stream.on("data", (bytes: Buffer) => {
      resolve(bytes);
      stream.end();
    });
    stream.on("error", reject);
    stream.write(request);
  });
}

/** All values of a length-delimited field of a message. */
function valuesOf(message: Uint8Array, wanted: number): Uint8Array[] {
  const reader = new BinaryReader(message);
  const values: Uint8Array[] = [];
  while (reader.pos < reader.len) {
    const [field, wireType] = reader.tag();
    if (field === wanted && wireType === WireType.LengthDelimited) values.push(reader.bytes());
    else reader.skip(wireType);
  }
  return values;
}

const listServices = 7;
const fileContainingSymbol = 4;
const fileDescriptorResponse = 4;
const listServicesResponse = 6;
const errorResponse = 7;

for (const version of versions) {
  services(`${version} lists the services`, async () => {
    const [list] = valuesOf(await reflect(version, listServices, "*"), listServicesResponse);
    const names = valuesOf(list!, 1).map((service) => Buffer.from(valuesOf(service, 1)[0]!).toString());
    assert.equal(names.sort(), ["sidelight.v1.Alerts", "sidelight.v1.Ingest", "sidelight.v1.Stats"]);
  });

  services(`${version} describes a service so that a client needs no proto files`, async () => {
    const answer = await reflect(version, fileContainingSymbol, "sidelight.v1.Stats");
    const [response] = valuesOf(answer, fileDescriptorResponse);
    const file = valuesOf(response!, 1).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes));
    // A registry resolves every type by the imports of its file, as strictly as grpcurl does.
    const registry = createFileRegistry(create(FileDescriptorSetSchema, { file: file.reverse() }));
    const stats = registry.getService("sidelight.v1.Stats");
    assert.equal(
      stats?.methods.map(({ name }) => name),
      [
        ...["ListWorkloads", "GetTopology", "WatchTopology", "ListEndpoints", "ListPaths", "ListPods", "GetSeries"],
        ...["Watch", "ListRoutes", "ForgetRoute", "ListOptedIn", "ListExemplars", "TapRequests"],
      ],
    );
    const red = registry.getMessage("sidelight.v1.Red");
    assert.is(red?.fields.find(({ name }) => name === "p99_seconds")?.proto.proto3Optional, true);
  });

  services(`${version} describes the service of alerts`, async () => {
    const answer = await reflect(version, fileContainingSymbol, "sidelight.v1.Alerts");
    const [response] = valuesOf(answer, fileDescriptorResponse);
    const files = valuesOf(response!, 1).map((bytes) => fromBinary(FileDescriptorProtoSchema, bytes).name);
    assert.ok(files.includes("sidelight/v1/alerts.proto"), files.join(", "));
  });

  services(`${version} says what it does not know`, async () => {
    const [error] = valuesOf(await reflect(version, fileContainingSymbol, "sidelight.v1.Nothing"), errorResponse);
    assert.match(Buffer.from(valuesOf(error!, 2)[0]!).toString(), "sidelight.v1.Nothing");
  });
}

function check(service: string): Promise<string> {
  const method = healthService["Check"]!;
  return new Promise((resolve, reject) => {
    const done = (error: ServiceError | null, response?: object): void => {
      if (error) reject(error);
      else resolve((response as { status: string }).status);
    };
    client.makeUnaryRequest(
      method.path,
      (request: object) => method.requestSerialize(request),
      (bytes: Buffer) => method.responseDeserialize(bytes),
      { service },
      done,
    );
  });
}

services("health says of each service whether it serves", async () => {
  const all = ["", "sidelight.v1.Stats", "sidelight.v1.Alerts", "sidelight.v1.Ingest"];
  const answers = async (): Promise<string[]> => [...new Set(await Promise.all(all.map(check)))];
  assert.equal(await answers(), ["NOT_SERVING"]);
  control.health.setServing(true);
  assert.equal(await answers(), ["SERVING"]);
  control.health.setServing(false);
  assert.is(await check(""), "NOT_SERVING");
  const unknown = await check("sidelight.v1.Nothing").catch((error: ServiceError) => error.details);
  assert.match(String(unknown), "sidelight.v1.Nothing");
});

services.run();
