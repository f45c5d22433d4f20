/** Starts the layout's worker. In a file of its own, because the bundler must see exactly this expression. */
export function startLayoutWorker(): Worker {
  return new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "layout" });
}
