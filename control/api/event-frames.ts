/**
 * Server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html) that are serialised and compressed once
 * for all subscribers.
 *
 * Each event is compressed on its own with an empty window and ends in a full flush, so it stands on a byte boundary
 * and refers to nothing before it (RFC 1951, 3.2.3). Any sequence of such pieces after a gzip header is therefore one
 * valid gzip stream, whichever events a subscriber skipped. The trailer never comes: an event stream does not end, it
 * is cut.
 */
import { promisify } from "node:util";
import { constants, deflateRaw, deflateRawSync } from "node:zlib";

const compress = promisify<Uint8Array, { finishFlush: number; level: number }, Uint8Array>(deflateRaw);
const options = { finishFlush: constants.Z_FULL_FLUSH, level: 4 };

export interface Frame {
  readonly plain: Uint8Array;
  /** A piece of a raw deflate stream, ending in a full flush. Made on first use, off the event loop. */
  deflated(): Promise<Uint8Array>;
}

/** Member header of RFC 1952, 2.3: deflate, no flags, no time, unknown system. */
export const gzipHeader: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** Tells the browser to come back two seconds after a cut. */
export const openingFrame = constantFrame("retry: 2000\n\n");
/** A comment: keeps proxies from closing a quiet connection and lets both ends notice a dead one. */
export const heartbeatFrame = constantFrame(":\n\n");

const frames = new WeakMap<object, Frame>();

/** The event of this name that tells a value. The same value gives the same bytes, however many ask. */
export function eventFrame(name: string, value: object): Frame {
  let frame = frames.get(value);
  if (!frame) {
    const plain = Buffer.from(`event: ${name}\ndata: ${JSON.stringify(value)}\n\n`);
    let deflated: Promise<Uint8Array> | undefined;
    frame = { plain, deflated: () => (deflated ??= compress(plain, options)) };
    frames.set(value, frame);
  }
  return frame;
}

function constantFrame(text: string): Frame {
  const plain = Buffer.from(text);
  const deflated = Promise.resolve(deflateRawSync(plain, options));
  return { plain, deflated: () => deflated };
}
