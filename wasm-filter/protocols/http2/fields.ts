import { equals, text } from "../../core/text";

/** The header fields that are read; of all others only their place in the table matters. */
export namespace Field {
  export const OTHER: u32 = 0;
  export const METHOD: u32 = 1;
  export const PATH: u32 = 2;
  export const STATUS: u32 = 3;
  export const CONTENT_TYPE: u32 = 4;
  export const GRPC_STATUS: u32 = 5;
  /** Its name is an entry of the table that was added before we looked. */
  export const UNKNOWN: u32 = 6;
  export const USER_AGENT: u32 = 7;
}

/** A name that is longer is none of those that are read, in whatever way it is written. */
export const LONGEST_NAME: u32 = 16;

const METHOD = text(":method");
const PATH = text(":path");
const STATUS = text(":status");
const CONTENT_TYPE = text("content-type");
const GRPC_STATUS = text("grpc-status");
const USER_AGENT = text("user-agent");

/** The field of a name. */
export function fieldNamed(at: usize, size: u32): u32 {
  if (equals(at, size, METHOD)) return Field.METHOD;
  if (equals(at, size, PATH)) return Field.PATH;
  if (equals(at, size, STATUS)) return Field.STATUS;
  if (equals(at, size, CONTENT_TYPE)) return Field.CONTENT_TYPE;
  if (equals(at, size, USER_AGENT)) return Field.USER_AGENT;
  return equals(at, size, GRPC_STATUS) ? Field.GRPC_STATUS : Field.OTHER;
}

/** Whether the value of a field matters, also where it is that of an entry of the table. */
export function isRead(field: u32): bool {
  return field - Field.METHOD <= Field.GRPC_STATUS - Field.METHOD;
}
