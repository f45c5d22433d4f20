/** The layout off the main thread: a map of a thousand cards takes longer than a frame. */
import { extend } from "./extend.ts";
import { layOut } from "./layered.ts";
import type { LayoutAnswer, LayoutRequest } from "./messages.ts";

self.onmessage = ({ data }: MessageEvent<LayoutRequest>) => {
  self.postMessage(answer(data));
};

function answer({ id, graph, keep }: LayoutRequest): LayoutAnswer {
  try {
    return { kind: "placed", id, placement: keep ? extend(graph, keep) : layOut(graph) };
  } catch (error) {
    return { kind: "failed", id, message: error instanceof Error ? error.message : String(error) };
  }
}
