import type { Server } from "@grpc/grpc-js";
import { ReflectionService } from "@grpc/reflection";
import { fileDescriptors } from "#proto/file-descriptors.ts";

type Definitions = ConstructorParameters<typeof ReflectionService>[0];

/**
 * Adds server reflection, v1 and v1alpha, so that grpcurl and its like need no proto files.
 * Protocol: https://github.com/grpc/grpc/blob/master/doc/server-reflection.md
 *
 * The descriptors are buf's own. Those that proto-loader makes have no imports ("dependency: not supported" in
 * protobufjs), and clients that resolve types by import refuse them. For the same reason grpc.health.v1, of which there
 * is only such a descriptor, is not listed; the clients of that protocol know it by heart.
 */
export function addReflectionService(server: Server): void {
  const contract = { fileDescriptorProtos: fileDescriptors.map((base64) => Buffer.from(base64, "base64")) };
  // All that the library reads of a definition is its list of descriptors.
  const definitions = { contract } as unknown as Definitions;
  new ReflectionService(definitions).addToServer(server);
}
