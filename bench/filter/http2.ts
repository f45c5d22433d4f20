/** HTTP/2 and gRPC in prepared frames: per request both ends write a stream's number into bytes that are there. */
import { connect, createServer } from "node:net";
import type { Server, Socket } from "node:net";

import { answerStatus } from "./answers.ts";
import { END_HEADERS, END_STREAM, Frame, FrameConnection, frame, headerBlock, setStream } from "./frames.ts";
import type { Client } from "./load.ts";
import type { Request } from "./requests.ts";

/** What one DATA frame may hold (SETTINGS_MAX_FRAME_SIZE's default). */
const MAX_FRAME = 16_384;
/** Bytes of a request message of an RPC. */
const RPC_MESSAGE_BYTES = 120;

/** Frames of one message of one stream, one after the other, and where each begins. */
interface Frames {
  readonly bytes: Buffer;
  readonly offsets: readonly number[];
}

function join(frames: readonly Buffer[]): Frames {
  const offsets: number[] = [];
  let at = 0;
  for (const { length } of frames) {
    offsets.push(at);
    at += length;
  }
  return { bytes: Buffer.concat(frames), offsets };
}

/** A copy of the frames for a stream: sockets write later, so the template may not be changed. */
function forStream({ bytes, offsets }: Frames, stream: number): Buffer {
  const copy = Buffer.from(bytes);
  for (const offset of offsets) setStream(copy, offset, stream);
  return copy;
}

/** One connection of the load, with as many streams at a time as it has slots. */
export class Http2Client implements Client {
  readonly #socket: Socket;
  readonly #requests: readonly Frames[];
  readonly #slotOf = new Map<number, number>();
  #onAnswer: (slot: number) => void = () => undefined;
  #nextStream = 1;

  private constructor(
    socket: Socket,
    requests: readonly Request[],
    readonly slots: number,
  ) {
    this.#socket = socket;
    this.#requests = requests.map(encode);
    new FrameConnection(socket, "client", (stream) => this.#ended(stream));
  }

  static async connect(
    port: number,
    localAddress: string,
    requests: readonly Request[],
    slots: number,
  ): Promise<Http2Client> {
    const socket = connect({ host: "127.0.0.1", port, localAddress, noDelay: true });
    await new Promise<void>((resolve, reject) => socket.once("connect", resolve).once("error", reject));
    return new Http2Client(socket, requests, slots);
  }

  onAnswer(listener: (slot: number) => void): void {
    this.#onAnswer = listener;
  }

  send(slot: number, index: number): void {
    const stream = this.#nextStream;
    this.#nextStream += 2;
    this.#slotOf.set(stream, slot);
    this.#socket.write(forStream(this.#requests[index % this.#requests.length] as Frames, stream));
  }

  close(): void {
    this.#socket.destroy();
  }

  #ended(stream: number): void {
    const slot = this.#slotOf.get(stream);
    if (slot === undefined) return;
    this.#slotOf.delete(stream);
    this.#onAnswer(slot);
  }
}

function encode({ method, path, authority, headers }: Request): Frames {
  const block = headerBlock([
    [":method", method],
    [":scheme", "http"],
    [":path", path],
    [":authority", authority],
    ...headers,
  ]);
  if (method !== "POST") return join([frame(Frame.headers, END_HEADERS | END_STREAM, block)]);
  return join([frame(Frame.headers, END_HEADERS, block), frame(Frame.data, END_STREAM, message(RPC_MESSAGE_BYTES))]);
}

/** A message as gRPC frames it: not compressed, its length, its bytes. */
function message(size: number): Buffer {
  const bytes = Buffer.alloc(5 + size, "x");
  bytes[0] = 0;
  bytes.writeUInt32BE(size, 1);
  return bytes;
}

/** Answers every request, when its stream has ended, with a body of so many bytes. */
export function http2Responder(bodySize: number, kind: "http2" | "grpc"): Server {
  const make = kind === "grpc" ? rpcResponse : httpResponse;
  const responses = new Map([200, 404, 500].map((status) => [status, make(status, bodySize)]));
  let answered = 0;
  return createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => socket.destroy());
    new FrameConnection(socket, "server", (stream) => {
      socket.write(forStream(responses.get(answerStatus(++answered)) as Frames, stream));
    });
  });
}

function httpResponse(status: number, bodySize: number): Frames {
  const block = headerBlock([
    [":status", String(status)],
    ["content-type", "application/json"],
    ["content-length", String(bodySize)],
    ["etag", '"5f8d0d55"'],
    ["vary", "accept-encoding"],
  ]);
  const body = Buffer.alloc(bodySize, "x");
  const data = [];
  for (let from = 0; from < bodySize; from += MAX_FRAME) {
    const isLast = from + MAX_FRAME >= bodySize;
    data.push(frame(Frame.data, isLast ? END_STREAM : 0, body.subarray(from, from + MAX_FRAME)));
  }
  return join([frame(Frame.headers, END_HEADERS, block), ...data]);
}

/** A response message and grpc-status in the trailers. */
function rpcResponse(status: number, bodySize: number): Frames {
  const code = { 404: "5", 500: "13" }[status] ?? "0";
  const head = headerBlock([
    [":status", "200"],
    ["content-type", "application/grpc"],
  ]);
  const trailers = headerBlock([["grpc-status", code]]);
  return join([
    frame(Frame.headers, END_HEADERS, head),
    frame(Frame.data, 0, message(bodySize)),
    frame(Frame.headers, END_HEADERS | END_STREAM, trailers),
  ]);
}
