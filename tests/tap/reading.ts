/** Reads captures that a test made, in a fresh instance of the module. */
import { DocumentSums } from "../../tap/document.ts";
import type { ProtocolFigures, TapDocument, TcpFigures } from "../../tap/document.ts";
import { TapModule, compileTap } from "../../tap/module.ts";
import { pcap } from "./packets.ts";
import type { Connection } from "./packets.ts";

const compiled = await compileTap();

/** What a capture comes to; `pieceSize` is how many bytes of it are fed at once. */
export function read(capture: Buffer, pieceSize = capture.length, module = compiled): TapDocument {
  const sums = new DocumentSums();
  const tap = new TapModule(module, (batch) => sums.add(batch));
  for (let at = 0; at < capture.length; at += pieceSize) {
    const piece = capture.subarray(at, at + pieceSize);
    tap.chunk.set(piece);
    tap.feed(piece.length);
  }
  tap.finish();
  return sums.document();
}

/** What a connection comes to. */
export function documentOf(connection: Connection): TapDocument {
  return read(pcap(connection.packets));
}

/** The figures of a protocol that counts requests; none of one that was not seen. */
export function figuresOf(document: TapDocument, protocol: string): ProtocolFigures {
  const figures = document.protocols[protocol];
  if (figures && "endpoints" in figures) return figures;
  const outcomes = { success: 0, clientError: 0, serverError: 0, notReached: 0, noAnswer: 0 };
  const latencyMs = { p50: null, p95: null, p99: null };
  return { requests: 0, responses: 0, outcomes, endpoints: [], latencyMs, statuses: {} };
}

export function tcpOf(document: TapDocument): TcpFigures {
  const figures = document.protocols["tcp"];
  if (!figures || "endpoints" in figures) throw new Error("There is no TCP in this capture");
  return figures;
}
