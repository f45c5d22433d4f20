/** Handshakes of TLS whose mutations the parser must stand. */
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

export const TLS_1_2 = 0x0303;
export const TLS_1_3 = 0x0304;

function u16(value: number): Buffer {
  return Buffer.from([value >> 8, value & 255]);
}

/** A record. */
export function record(type: number, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 3, 3]), u16(payload.length), payload]);
}

export function handshake(type: number, body: Buffer): Buffer {
  return Buffer.concat([Buffer.from([type, 0]), u16(body.length), body]);
}

function extension(type: number, body: Buffer): Buffer {
  return Buffer.concat([u16(type), u16(body.length), body]);
}

/** What Go's HTTP offers to speak, and so a kubelet: "h2" and "http/1.1". */
export const WEB = Buffer.from("\0\x0c\x02h2\x08http/1.1", "latin1");

/** A ClientHello, as a message. */
export function clientHello(host?: string, protocols?: Buffer): Buffer {
  const name = Buffer.from(host ?? "", "latin1");
  const list = Buffer.concat([u16(name.length + 3), Buffer.from([0]), u16(name.length), name]);
  const extensions = Buffer.concat([
    extension(10, Buffer.alloc(4)),
    ...(host === undefined ? [] : [extension(0, list)]),
    ...(protocols === undefined ? [] : [extension(16, protocols)]),
  ]);
  const suites = Buffer.concat([u16(4), Buffer.from("13011302", "hex"), Buffer.from([1, 0])]);
  const start = Buffer.concat([u16(TLS_1_2), Buffer.alloc(32, 7), Buffer.from([0])]);
  return handshake(1, Buffer.concat([start, suites, u16(extensions.length), extensions]));
}

const RETRY = Buffer.from("cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c", "hex");

/** A ServerHello, as a message; that of TLS 1.3 says its version in an extension. */
export function serverHello(version: number, isRetry = false): Buffer {
  const extensions = version === TLS_1_3 ? extension(43, u16(TLS_1_3)) : Buffer.alloc(0);
  const start = Buffer.concat([u16(Math.min(version, TLS_1_2)), isRetry ? RETRY : Buffer.alloc(32, 9)]);
  const chosen = Buffer.concat([Buffer.from([2, 1, 1]), u16(0x1301), Buffer.from([0])]);
  return handshake(2, Buffer.concat([start, chosen, u16(extensions.length), extensions]));
}

export const CHANGE_CIPHER = record(20, Buffer.from([1]));
export const FINISHED = record(22, Buffer.alloc(40, 5));

export function data(size = 80): Buffer {
  return record(23, Buffer.alloc(size, 6));
}

export function alert(number: number, level = 2): Buffer {
  return record(21, Buffer.from([level, number]));
}

const hello = () => record(22, clientHello("shop.example"));
const open = () => new Connection({ serverPort: 8443 }).open();

const latest = open()
  .client(hello())
  .server(record(22, serverHello(TLS_1_3, true)))
  .client(Buffer.concat([CHANGE_CIPHER, hello()]))
  .server(Buffer.concat([record(22, serverHello(TLS_1_3)), CHANGE_CIPHER, data(900)]))
  .client(Buffer.concat([CHANGE_CIPHER, data(), data(200)]))
  .server(data(300))
  .close();

const usual = open()
  .client(record(22, clientHello("shop.example").subarray(0, 30)))
  .client(record(22, clientHello("shop.example").subarray(30)))
  .server(Buffer.concat([record(22, Buffer.concat([serverHello(TLS_1_2), handshake(11, Buffer.alloc(900))]))]))
  .client(Buffer.concat([record(22, handshake(16, Buffer.alloc(60))), CHANGE_CIPHER, FINISHED]))
  .server(Buffer.concat([CHANGE_CIPHER, FINISHED]))
  .client(data())
  .close();

const failed = open().client(hello()).server(alert(40)).close();

export const seeds: readonly (readonly Packet[])[] = [latest.packets, usual.packets, failed.packets];
