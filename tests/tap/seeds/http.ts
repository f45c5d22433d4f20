/** Connections of HTTP/1 in its forms: seeds for captures that are mutated. */
import type { Packet } from "../packets.ts";
import { Connection } from "../packets.ts";

function plain(): Connection {
  const connection = new Connection().open();
  connection.client("GET /orders/17 HTTP/1.1\r\nHost: shop\r\n\r\n");
  connection.server("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello");
  connection.client("POST /orders HTTP/1.1\r\nHost: shop\r\nContent-Length: 4\r\n\r\nabcd");
  connection.server("HTTP/1.1 500 Oh\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n");
  return connection;
}

function pipelined(): Connection {
  const connection = new Connection().open();
  connection.client("HEAD /a HTTP/1.1\r\n\r\nPUT /b HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  connection.server("HTTP/1.1 200 OK\r\nContent-Length: 9000\r\n\r\nHTTP/1.1 100 Continue\r\n\r\n");
  connection.client("xy").server("HTTP/1.1 204 No Content\r\n\r\n");
  connection.client("DELETE /b HTTP/1.0\r\n\r\n").server("HTTP/1.0 404 Not Found\r\n\r\nto the end");
  return connection;
}

function waiting(): Connection {
  const connection = new Connection().open();
  for (const body of ["Content-Length: 20", "Transfer-Encoding: chunked"]) {
    connection.client(`PUT /c HTTP/1.1\r\nExpect: 100-continue\r\n${body}\r\n\r\n`);
    connection.server("HTTP/1.1 417 No\r\nContent-Length: 2\r\n\r\nno").client("GET /d HTTP/1.1\r\n\r\n");
    connection.server("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  }
  return connection;
}

export const seeds: readonly (readonly Packet[])[] = [plain().packets, pipelined().packets, waiting().packets];
