import { BinaryReader, WireType } from "@bufbuild/protobuf/wire";
import type { Metadata } from "@grpc/grpc-js";

/** Field numbers of google.rpc.Status, google.protobuf.Any, google.rpc.BadRequest and its FieldViolation. */
const DETAILS = 3;
const VALUE = 2;
const VIOLATIONS = 1;
const FIELD = 1;

/**
 * The path of the field at fault ("filters[1].value"), out of the google.rpc.BadRequest in the details of a refusal
 * (https://github.com/googleapis/googleapis, google/rpc/error_details.proto); undefined where none is named.
 */
export function fieldAtFault(metadata: Metadata): string | undefined {
  const [status] = metadata.get("grpc-status-details-bin");
  if (!Buffer.isBuffer(status)) return undefined;
  try {
    const violation = [DETAILS, VALUE, VIOLATIONS, FIELD].reduce<Uint8Array | undefined>(bytesOf, status);
    return violation && Buffer.from(violation).toString("utf8");
  } catch {
    // Details that cannot be read are as good as none: the message says what is wrong all the same.
    return undefined;
  }
}

function bytesOf(message: Uint8Array | undefined, field: number): Uint8Array | undefined {
  if (!message) return undefined;
  const reader = new BinaryReader(message);
  while (reader.pos < reader.len) {
    const [number, type] = reader.tag();
    if (number === field && type === WireType.LengthDelimited) return reader.bytes();
    reader.skip(type);
  }
  return undefined;
}
