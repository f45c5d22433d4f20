/**
 * Something fetched again and again while a component shows it. A new key drops what was there; a failed refresh keeps
 * it and says so. What is past is fetched until it has come, and then stays.
 */
export class Poll<T> {
  data = $state.raw<T>();
  error = $state.raw<Error>();
  #key = "";
  #attempt = $state(0);

  /** Must be created while a component initialises; `key` is reactive, and an empty one fetches nothing. */
  constructor(
    key: () => string,
    fetcher: (signal: AbortSignal) => Promise<T>,
    { everyMs, isPast = () => false }: { readonly everyMs: number; readonly isPast?: () => boolean },
  ) {
    $effect(() => {
      void this.#attempt;
      const wanted = key();
      if (wanted !== this.#key) {
        this.#key = wanted;
        this.data = undefined;
        this.error = undefined;
      }
      if (wanted === "") return;
      const abort = new AbortController();
      let timer: ReturnType<typeof setTimeout>;
      const run = async (): Promise<void> => {
        try {
          const data = await fetcher(abort.signal);
          if (abort.signal.aborted) return;
          this.data = data;
          this.error = undefined;
          if (isPast()) return;
        } catch (error) {
          if (abort.signal.aborted) return;
          this.error = error instanceof Error ? error : new Error(String(error));
        }
        timer = setTimeout(() => void run(), everyMs);
      };
      void run();
      return () => {
        abort.abort();
        clearTimeout(timer);
      };
    });
  }

  /** Asks at once, and keeps what there is until the answer has come. */
  refresh(): void {
    this.#attempt++;
  }
}
