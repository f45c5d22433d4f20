/**
 * Looks again and again, `intervalMs` after each look has ended, without keeping the process alive. Files are polled rather than
 * notified of: a mounted ConfigMap is exchanged by a symbolic link, which file notifications miss.
 *
 * @param look never rejects
 * @returns what ends it
 */
export function poll(look: () => Promise<void>, intervalMs: number): () => void {
  let timer: NodeJS.Timeout;
  let isOver = false;
  const again = async (): Promise<void> => {
    await look();
    if (!isOver) schedule();
  };
  const schedule = (): void => void (timer = setTimeout(() => void again(), intervalMs).unref());
  schedule();
  return () => {
    isOver = true;
    clearTimeout(timer);
  };
}
