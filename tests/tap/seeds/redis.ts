/** Conversations of Redis whose mutations the parser must stand. */
import { Connection } from "../packets.ts";
import type { Packet } from "../packets.ts";

/** A command as an array of bulk strings. */
export function command(...words: readonly string[]): string {
  return `*${words.length}\r\n${words.map(bulk).join("")}`;
}

export function bulk(text: string): string {
  return `$${Buffer.byteLength(text, "latin1")}\r\n${text}\r\n`;
}

const pipeline = () =>
  new Connection({ serverPort: 6379 })
    .open()
    .client(command("HELLO", "3") + command("CLIENT", "SETNAME", "shop"))
    .server("%2\r\n+server\r\n+redis\r\n+proto\r\n:3\r\n+OK\r\n")
    .client(command("GET", "cart") + command("LRANGE", "list", "0", "-1") + command("SET", "a", "x".repeat(300)))
    .server(`${bulk("y".repeat(200))}*3\r\n:1\r\n*2\r\n$-1\r\n_\r\n#t\r\n+OK\r\n`)
    .client(command("MULTI") + command("INCR", "n") + command("EXEC"))
    .server("+OK\r\n+QUEUED\r\n*1\r\n:2\r\n")
    .close();

const channels = () =>
  new Connection({ serverPort: 6379 })
    .open()
    .client(command("SUBSCRIBE", "a", "b"))
    .server(`*3\r\n${bulk("subscribe")}${bulk("a")}:1\r\n*3\r\n${bulk("subscribe")}${bulk("b")}:2\r\n`)
    .server(`*3\r\n${bulk("message")}${bulk("a")}${bulk("hello")}`)
    .client(command("UNSUBSCRIBE"))
    .server(`*3\r\n${bulk("unsubscribe")}${bulk("a")}:1\r\n*3\r\n${bulk("unsubscribe")}${bulk("b")}:0\r\n`)
    .client("PING\r\n")
    .server("+PONG\r\n")
    .close();

const inline = () =>
  new Connection({ serverPort: 6379 })
    .open()
    .client('PING\r\nSET k "a b"\r\nCLIENT REPLY SKIP\r\nPING\r\nMONITOR\r\n')
    .server('+PONG\r\n+OK\r\n+OK\r\n+1339518083.107412 [0 127.0.0.1:60866] "keys" "*"\r\n')
    .client("PSYNC ? -1\r\n")
    .server("+FULLRESYNC 8371b4fb1155b71f4a04d3e1bc3e18c4a990aeeb 0\r\n$5\r\nREDIS")
    .close();

export const seeds: readonly (readonly Packet[])[] = [pipeline().packets, channels().packets, inline().packets];
