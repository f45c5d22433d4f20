/**
 * Places for a topology, worked out in a worker. What is placed stays; only "tidy" moves it, or a map that has grown so
 * much that the old places no longer make sense (the first seconds of a new installation).
 */
import type { LayoutGraph, Placement } from "./layout/graph.ts";
import type { LayoutAnswer, LayoutRequest } from "./layout/messages.ts";
import { startLayoutWorker } from "./layout/start-worker.ts";

/** Laid out afresh when this share of the cards and links has come since the last fresh layout. */
const OUTGROWN = 0.4;

export class Layouter {
  placement = $state.raw<Placement>();
  /** What went wrong in the last layout; the picture before it stays. */
  error = $state("");
  /** Counts fresh layouts after the first, for the animation and the camera. */
  tidied = $state(0);

  #worker = startLayoutWorker();
  #question = 0;
  #isFresh = false;
  #sizeWhenFresh = 0;
  #graph: LayoutGraph | undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<LayoutAnswer>) => this.#receive(data);
    this.#worker.onerror = () => (this.error = "The layout stopped; reload the page to start it again.");
  }

  /** Places a changed topology. */
  update(graph: LayoutGraph, fresh = false): void {
    this.#graph = graph;
    const size = graph.boxes.length + graph.links.length;
    const grown = Math.abs(size - this.#sizeWhenFresh) > OUTGROWN * size;
    const keep = fresh || grown ? undefined : this.placement;
    this.#isFresh = keep === undefined;
    const request: LayoutRequest = { id: ++this.#question, graph, ...(keep && { keep }) };
    this.#worker.postMessage(request);
  }

  /** Lays everything out afresh. */
  tidy(): void {
    if (this.#graph) this.update(this.#graph, true);
  }

  stop(): void {
    this.#worker.terminate();
  }

  #receive(answer: LayoutAnswer): void {
    if (answer.id !== this.#question) return;
    if (answer.kind === "failed") {
      this.error = `The map could not be laid out: ${answer.message}`;
      return;
    }
    this.error = "";
    if (this.#isFresh && this.#graph) {
      this.#sizeWhenFresh = this.#graph.boxes.length + this.#graph.links.length;
      if (this.placement) this.tidied++;
    }
    this.placement = answer.placement;
  }
}
