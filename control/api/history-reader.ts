import type { Store, TimeRange } from "../store/store.ts";
import type { Picture } from "../world/picture.ts";
import type { PodPicture } from "../world/pod-edges.ts";
import { pictureOfPods } from "../world/pod-picture.ts";
import { HttpError } from "./http-errors.ts";
import { PastPictures } from "./past-pictures.ts";
import { ReadGate } from "./read-gate.ts";
import type { ReadGateOptions } from "./read-gate.ts";
import type { ApiSources } from "./sources.ts";

/** How questions get to the store: a bounded number at a time, whichever way they came in. */
export class HistoryReader {
  readonly #sources: Pick<ApiSources, "store" | "notReady">;
  readonly #gate: ReadGate;
  readonly #pictures = new PastPictures();

  constructor(sources: Pick<ApiSources, "store" | "notReady">, options: ReadGateOptions = {}) {
    this.#sources = sources;
    this.#gate = new ReadGate(options);
  }

  /**
   * @param signal aborted when the asker is gone
   * @param ask is given a signal too, which is aborted when nobody waits for the answer any more
   * @throws HttpError 503 where there is no store yet or too many ask, 504 past the time limit
   */
  async read<Answer>(
    signal: AbortSignal,
    ask: (store: Store, givenUp: AbortSignal) => Promise<Answer>,
  ): Promise<Answer> {
    const { store } = this.#sources;
    if (!store)
      throw new HttpError(503, `Control is starting: ${this.#sources.notReady().join("; ") || "no store yet"}`);
    return this.#gate.run(signal, (givenUp) => ask(store, givenUp));
  }

  /** What pods said in a past range. */
  async pods(range: TimeRange, signal: AbortSignal): Promise<PodPicture> {
    return pictureOfPods(await this.read(signal, (store, givenUp) => store.pods(range, givenUp)), range);
  }

  /** The world of a past range. */
  picture(range: TimeRange, signal: AbortSignal): Promise<Picture> {
    return this.#pictures.at(range, (wanted) => this.read(signal, (store, givenUp) => store.sums(wanted, givenUp)));
  }
}
