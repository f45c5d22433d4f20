import { BinaryReader } from "@bufbuild/protobuf/wire";
import { Farewell, Hello } from "#proto/ingest.ts";
import { HARD_MESSAGE_BYTES } from "./limits.ts";

/**
 * One ReportRequest, with the batch still encoded: it is kept byte for byte, and read once it is known to be new. So are
 * live requests, which are read where somebody watches.
 */
export interface Frame {
  /** Milliseconds since the epoch on the reporter's clock; 0 where it did not say. */
  readonly sentMs: number;
  /** The last sequence of the instance, where the message has its Farewell; it comes after what is beside it. */
  readonly farewell: number | undefined;
  readonly message:
    | { readonly kind: "hello"; readonly hello: Hello }
    | { readonly kind: "batch"; readonly bytes: Uint8Array }
    | { readonly kind: "tapped"; readonly bytes: Uint8Array }
    /** Nothing beside a farewell. */
    | { readonly kind: "none" }
    /** None of them could be found; `why` says what was there. */
    | { readonly kind: "unreadable"; readonly why: string };
}

/** Tags of the fields of ReportRequest: number << 3 | wire type. */
const SENT_SECONDS = 8;
const SENT_MILLIS = 16;
const HELLO = 26;
const BATCH = 34;
const TAPPED = 42;
const FAREWELL = 50;

/** Reads a ReportRequest. Never throws: what cannot be read is a value, so that no message can end the process. */
export function readFrame(bytes: Uint8Array): Frame {
  let sentSeconds = 0;
  let sentMillis = 0;
  let farewell: number | undefined;
  let message: Frame["message"] = {
    kind: "unreadable",
    why: "a message with neither hello nor batch nor live requests",
  };
  try {
    const reader = new BinaryReader(bytes);
    while (reader.pos < reader.len) {
      const tag = reader.uint32();
      if (tag === SENT_SECONDS) sentSeconds = reader.uint32();
      else if (tag === SENT_MILLIS) sentMillis = reader.uint32();
      else if (tag === HELLO) message = { kind: "hello", hello: Hello.decode(reader.bytes()) };
      else if (tag === BATCH) message = { kind: "batch", bytes: reader.bytes() };
      else if (tag === TAPPED) message = { kind: "tapped", bytes: reader.bytes() };
      else if (tag === FAREWELL) farewell = Farewell.decode(reader.bytes()).lastSequence;
      else reader.skip(tag & 7, tag >>> 3);
    }
    if (farewell !== undefined && message.kind === "unreadable") message = { kind: "none" };
  } catch (error) {
    farewell = undefined;
    message = { kind: "unreadable", why: (error as Error).message };
  }
  return { sentMs: sentSeconds * 1000 + sentMillis, farewell, message };
}

/** What the gRPC server that carries Ingest must be made with. */
export const INGEST_SERVER_OPTIONS = Object.freeze({
  "grpc.max_receive_message_length": HARD_MESSAGE_BYTES,
  // A proxy that vanished without a FIN is noticed after 40 s; its streams go with it.
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 10_000,
});
