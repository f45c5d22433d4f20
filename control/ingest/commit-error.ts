/**
 * Why LMDB could not commit: lmdb rejects with "Commit failed" and puts the reason into a promise that rejects beside it.
 * @param doing what was being done, such as "Writing to the inbox"
 */
export async function commitError(error: unknown, doing: string): Promise<Error> {
  const reason: unknown = await Promise.resolve((error as { commitError?: Promise<never> }).commitError).catch(
    (why: unknown) => why,
  );
  const cause = reason instanceof Error ? reason : error;
  return new Error(`${doing}: ${(cause as Error).message}. Is the disk full?`, { cause });
}
