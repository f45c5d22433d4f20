/** Everything that the map draws, put together: topology, places, figures, and what is lit or dimmed. */
import { hurts } from "../model/health.ts";
import type { App } from "../state/app.svelte.ts";
import { drawnMarks, type DrawnMarks } from "./alert-marks.ts";
import { around, matching, trouble, type Emphasis } from "./emphasis.ts";
import type { Place } from "./layout/graph.ts";
import { Layouter } from "./layouter.svelte.ts";
import { boundsOf, busiestCard, placeCards } from "./places.ts";
import { namespaceCardId, topologyOf, type MapCard, type Topology } from "./topology.ts";
import { viewsOf, type Views } from "./views.ts";

export class MapModel {
  readonly layouter = new Layouter();
  /** Card or link under the pointer or the focus. */
  hovered = $state("");

  #lastTopology: Topology | undefined;
  #lastViews: Views | undefined;
  #app: App;

  constructor(app: App) {
    this.#app = app;
  }

  readonly topology: Topology | undefined = $derived.by(() => {
    const { world } = this.#app;
    if (!world) return undefined;
    const { folding, open } = this.#app.location;
    return (this.#lastTopology = topologyOf(world, { folding, open }, this.#lastTopology));
  });

  readonly views: Views | undefined = $derived.by(() => {
    const { world } = this.#app;
    if (!world || !this.topology) return undefined;
    return (this.#lastViews = viewsOf(world, this.topology, this.#lastViews));
  });

  /** Cards and links with a firing alert. */
  readonly alertMarks: DrawnMarks | undefined = $derived.by(() => {
    const { world, alerts } = this.#app;
    return world && this.topology ? drawnMarks(world, this.topology, alerts.marks) : undefined;
  });

  /** Where each card stands; undefined before the first layout. */
  readonly places: ReadonlyMap<string, Place> | undefined = $derived.by(() => {
    const { placement } = this.layouter;
    return placement && this.topology ? placeCards(this.topology, placement) : undefined;
  });

  readonly bounds = $derived(boundsOf(this.layouter.placement?.places.values() ?? []));

  /** The selected card: the node's own, or the folded namespace that it is in. */
  readonly selectedCard = $derived.by(() => {
    const { selection } = this.#app.location;
    if (selection?.kind === "node") return this.topology?.cardOf.get(selection.id) ?? "";
    return selection?.kind === "group" ? namespaceCardId(selection.id) : "";
  });

  readonly selectedLink = $derived.by(() => {
    const { selection } = this.#app.location;
    if (selection?.kind !== "edge") return "";
    return this.topology?.links.find(({ edgeIds }) => edgeIds.includes(selection.id))?.id ?? "";
  });

  /** What is lit, in this order: what is pointed at, what was searched for, what is selected, what hurts. */
  readonly emphasis: Emphasis | undefined = $derived.by(() => {
    if (!this.topology) return undefined;
    if (this.hovered) return around(this.topology, this.hovered);
    if (this.#app.matches) return matching(this.topology, this.#app.matches);
    const selected = this.selectedCard || this.selectedLink;
    return selected ? around(this.topology, selected) : this.#trouble;
  });

  readonly #trouble = $derived(this.topology && this.views ? trouble(this.topology, this.views) : undefined);

  /** Bounds of what hurts, which the camera goes to when not all of the map can be read. */
  readonly troubleBounds = $derived(this.#trouble && this.#boundsOf(this.#trouble.cards));

  /** Bounds of what fails, without what suffers from it. */
  readonly faultBounds = $derived.by(() => {
    const failing = [...(this.views?.cards ?? [])].filter(([, { health }]) => health === "failing");
    return this.#boundsOf(failing.map(([id]) => id));
  });

  readonly busiest = $derived(this.topology ? busiestCard(this.topology) : "");

  card(id: string): MapCard | undefined {
    return this.topology?.cards.find((card) => card.id === id);
  }

  /** The edge that a link opens: of several the first that hurts. */
  edgeOf(linkId: string): string | undefined {
    const edges = this.topology?.links.find(({ id }) => id === linkId)?.edgeIds ?? [];
    const { world } = this.#app;
    return edges.find((id) => hurts(world?.edges.get(id)?.health ?? "idle")) ?? edges[0];
  }

  stop(): void {
    this.layouter.stop();
  }

  #boundsOf(cards: Iterable<string>): Place | undefined {
    return boundsOf([...cards].flatMap((id) => this.places?.get(id) ?? []));
  }
}
