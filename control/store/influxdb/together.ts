interface Pulled<T> {
  readonly source: AsyncGenerator<T>;
  readonly result: IteratorResult<T, unknown>;
}

/**
 * What several give, as it comes; so many of them run side by side. Whoever has had enough, or fails, ends all of them.
 */
export async function* together<T>(sources: readonly AsyncGenerator<T>[], atOnce: number): AsyncGenerator<T> {
  const waiting = [...sources];
  const pulled = new Map(waiting.splice(0, atOnce).map((source) => [source, pull(source)]));
  try {
    while (pulled.size > 0) {
      const { source, result } = await Promise.race(pulled.values());
      if (result.done) {
        pulled.delete(source);
        for (const next of waiting.splice(0, 1)) pulled.set(next, pull(next));
        continue;
      }
      pulled.set(source, pull(source));
      yield result.value;
    }
  } finally {
    for (const [source, next] of pulled) {
      // One that is waiting ends when what it waits for has come.
      next.catch(() => undefined);
      source.return(undefined).catch(() => undefined);
    }
  }
}

async function pull<T>(source: AsyncGenerator<T>): Promise<Pulled<T>> {
  return { source, result: await source.next() };
}
