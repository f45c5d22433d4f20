/**
 * Strongly connected components of a directed graph, deepest first: a component comes after all that it leads to.
 * Tarjan, "Depth-first search and linear graph algorithms" (SIAM J. Comput. 1, 1972), with a stack of its own instead
 * of recursion, since a call chain may be long.
 *
 * @param graph every node with the nodes it leads to; those that are no key of it are leaves
 * @returns the position of each node's component; nodes in one cycle share a position
 */
export function componentsDeepestFirst(graph: ReadonlyMap<string, readonly string[]>): Map<string, number> {
  const search = new Search(graph);
  for (const node of graph.keys()) search.visitFrom(node);
  return search.components;
}

interface Frame {
  readonly node: string;
  readonly next: readonly string[];
  at: number;
}

class Search {
  readonly components = new Map<string, number>();
  readonly #graph: ReadonlyMap<string, readonly string[]>;
  readonly #order = new Map<string, number>();
  readonly #low = new Map<string, number>();
  readonly #open: string[] = [];
  #found = 0;

  constructor(graph: ReadonlyMap<string, readonly string[]>) {
    this.#graph = graph;
  }

  visitFrom(start: string): void {
    if (this.#order.has(start)) return;
    const frames = [this.#enter(start)];
    for (let frame = frames.at(-1); frame; frame = frames.at(-1)) {
      const child = frame.next[frame.at++];
      if (child === undefined) {
        frames.pop();
        this.#leave(frame.node, frames.at(-1)?.node);
      } else if (!this.#order.has(child)) {
        frames.push(this.#enter(child));
      } else if (!this.components.has(child)) {
        this.#lower(frame.node, this.#order.get(child)!);
      }
    }
  }

  #enter(node: string): Frame {
    this.#low.set(node, this.#order.size);
    this.#order.set(node, this.#order.size);
    this.#open.push(node);
    return { node, next: this.#graph.get(node) ?? [], at: 0 };
  }

  #leave(node: string, parent: string | undefined): void {
    const low = this.#low.get(node)!;
    if (parent !== undefined) this.#lower(parent, low);
    if (low !== this.#order.get(node)) return;
    for (let member = this.#open.pop(); member !== undefined; member = this.#open.pop()) {
      this.components.set(member, this.#found);
      if (member === node) break;
    }
    this.#found++;
  }

  #lower(node: string, low: number): void {
    if (low < this.#low.get(node)!) this.#low.set(node, low);
  }
}
