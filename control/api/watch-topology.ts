import { type handleServerStreamingCall, type ServerWritableStream, status } from "@grpc/grpc-js";
import type { StatsService, WatchTopologyRequest, WatchTopologyResponse } from "#proto/stats.ts";
import { drained } from "./drained.ts";
import { TooManySubscribers, type SnapshotFeed } from "./feed.ts";
import { toTopology } from "./mapping.ts";
import { NewestReader } from "./newest-reader.ts";
import type { Snapshot } from "../world/model.ts";

type Call = ServerWritableStream<WatchTopologyRequest, WatchTopologyResponse>;

export interface WatchOptions {
  readonly maxWatches: number;
  readonly onError: (error: Error) => void;
}

/** While nothing is published a watch sleeps; HTTP/2 keeps the connection alive. */
const sleepMs = 60_000;

const responses = new WeakMap<Snapshot, WatchTopologyResponse>();
const serialized = new WeakMap<WatchTopologyResponse, Buffer>();

/**
 * Handles WatchTopology: the newest topology, then each one published. A client that reads slowly skips to the newest;
 * cancelling, or running into the deadline, frees its place.
 */
export function watchTopology(
  feed: SnapshotFeed,
  { maxWatches, onError }: WatchOptions,
): handleServerStreamingCall<WatchTopologyRequest, WatchTopologyResponse> {
  let watches = 0;
  return (call) => {
    if (watches >= maxWatches) {
      const details = `All ${maxWatches} places for WatchTopology are taken; ask again later or call GetTopology`;
      call.emit("error", { code: status.RESOURCE_EXHAUSTED, details });
      return;
    }
    watches++;
    pump(call, feed)
      .catch((cause: unknown) => {
        if (cause instanceof TooManySubscribers) {
          call.emit("error", { code: status.RESOURCE_EXHAUSTED, details: cause.message });
          return;
        }
        onError(new Error("Answering Stats.WatchTopology", { cause }));
        call.emit("error", { code: status.INTERNAL, details: "WatchTopology failed; control's log says why" });
      })
      .finally(() => watches--);
  };
}

/** The same service, with the messages of one snapshot serialised once for all who watch. */
export function serializeOnce(service: StatsService): StatsService {
  return {
    ...service,
    watchTopology: {
      ...service.watchTopology,
      responseSerialize(response: WatchTopologyResponse): Buffer {
        let bytes = serialized.get(response);
        if (!bytes) serialized.set(response, (bytes = service.watchTopology.responseSerialize(response)));
        return bytes;
      },
    },
  };
}

async function pump(call: Call, feed: SnapshotFeed): Promise<void> {
  const reader = new NewestReader(feed);
  // Cancelled by the client, past its deadline, or cut: grpc-js says so with one event for all three.
  call.on("cancelled", () => reader.close());
  try {
    while (!call.cancelled && !reader.closed) {
      const snapshot = await reader.next(sleepMs);
      if (snapshot && !call.write(toResponse(snapshot))) await drained(call);
    }
  } finally {
    reader.close();
  }
}

function toResponse(snapshot: Snapshot): WatchTopologyResponse {
  let response = responses.get(snapshot);
  if (!response) responses.set(snapshot, (response = { topology: toTopology(snapshot) }));
  return response;
}
