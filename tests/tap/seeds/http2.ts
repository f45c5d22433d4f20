/** Connections of HTTP/2 and gRPC in all their forms: seeds for captures that are mutated. */
import {
  CONTINUATION,
  DATA,
  END_HEADERS,
  END_STREAM,
  GET,
  HEADERS,
  OK,
  PADDED,
  POST,
  PRIORITY,
} from "../http2-frames.ts";
import { GOAWAY, PUSH_PROMISE, RST_STREAM, frame, grpc, grpcStatus, headers, hello, indexed } from "../http2-frames.ts";
import { literal, number, path, settings, status } from "../http2-frames.ts";
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

/** Requests that lean on the table, with interim answers, padding, continuations, trailers and a push. */
function requests(): Connection {
  const connection = new Connection().open().client(hello()).server(settings());
  connection.client(headers(1, [GET, path("/orders/1", true), literal("x-long", "v".repeat(300), true)], true));
  connection
    .server(headers(1, [status(103)]))
    .server(headers(1, [OK]))
    .server(frame(DATA, END_STREAM, 1, "body"));
  const padded = Buffer.concat([Buffer.from([5, 0, 0, 0, 1, 7]), POST, indexed(63), Buffer.alloc(5)]);
  connection.client(frame(HEADERS, PADDED | PRIORITY | END_HEADERS, 3, padded));
  connection.client(frame(DATA, PADDED | END_STREAM, 3, Buffer.concat([Buffer.from([2]), Buffer.from("data\0\0")])));
  connection.server(frame(PUSH_PROMISE, END_HEADERS, 3, Buffer.concat([Buffer.from([0, 0, 0, 2]), GET, path("/p")])));
  connection.server(headers(3, [status(503, true)], true)).server(headers(2, [OK], true));
  connection.client(frame(HEADERS, END_STREAM, 5, GET)).client(frame(CONTINUATION, END_HEADERS, 5, path("/cart")));
  connection.server(frame(RST_STREAM, 0, 5, Buffer.from([0, 0, 0, 8])));
  return connection.server(frame(GOAWAY, 0, 0, Buffer.alloc(8))).close();
}

/** Calls: answered in trailers, in the head alone, and broken off. */
function calls(): Connection {
  const connection = new Connection({ serverPort: 50_051 }).open().client(hello()).server(settings());
  for (let stream = 1; stream < 9; stream += 2) {
    const fields = stream === 1 ? [POST, path("/shop.Cart/Add", true), grpc(true)] : [POST, indexed(63), indexed(62)];
    connection.client(headers(stream, fields)).client(frame(DATA, END_STREAM, stream, "\0\0\0\0\x02ok"));
  }
  connection.server(headers(1, [OK, grpc(true)])).server(frame(DATA, 0, 1, "\0\0\0\0\x02ok"));
  connection.server(headers(3, [OK, indexed(62), grpcStatus(5, true)], true));
  connection.server(headers(1, [grpcStatus(0, true), literal("grpc-message", "", true)], true));
  connection.server(headers(5, [number(0, 5, 0x20), OK, grpc(), grpcStatus(14)], true));
  return connection.client(frame(RST_STREAM, 0, 7, Buffer.from([0, 0, 0, 8]))).close();
}

/** An upgrade from HTTP/1. */
function upgrade(): Connection {
  const connection = new Connection().open();
  connection.client(
    "GET /old/1 HTTP/1.1\r\nConnection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AA\r\n\r\n",
  );
  connection
    .server("HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n\r\n")
    .server(settings());
  connection
    .client(hello())
    .server(headers(1, [status(404)]))
    .server(frame(DATA, END_STREAM, 1, "none"));
  return connection
    .client(headers(3, [GET, path("/new")], true))
    .server(headers(3, [OK], true))
    .close();
}

export const seeds: readonly (readonly Packet[])[] = [requests, calls, upgrade].map((build) => build().packets);
