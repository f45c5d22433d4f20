/** What goes to the layout worker and what comes back. An answer carries the id of its question; late ones are dropped. */
import type { LayoutGraph, Placement } from "./graph.ts";

export interface LayoutRequest {
  readonly id: number;
  readonly graph: LayoutGraph;
  /** What must stay where it is; without it everything is laid out afresh. */
  readonly keep?: Placement;
}

export type LayoutAnswer =
  | { readonly kind: "placed"; readonly id: number; readonly placement: Placement }
  | { readonly kind: "failed"; readonly id: number; readonly message: string };
