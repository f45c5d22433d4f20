/** The labels of the lines as they stand now: loud ones, rates where they can be read, and what is pointed at. */
import { spotsAlong } from "./along.ts";
import { around, LinePoints, placeLabels, type Label, type LabelWish } from "./labels.ts";
import type { Place, Placement } from "./layout/graph.ts";
import { formsOf, wishOf, type Words } from "./link-words.ts";
import type { MapModel } from "./map-model.svelte.ts";
import type { MapLink } from "./topology.ts";
import type { LinkView } from "./views.ts";

/** A bound for loud labels; where more than these hurt, the colour says enough. */
const MOST_LOUD = 40;
/** With more lines than this in the document their rates would be a carpet of figures; pointing still tells them. */
const MOST_RATES = 48;
/** Zooms below which rates, and below which all labels, are left out. */
const READABLE = { rates: 0.66, any: 0.4 } as const;
/** Labels are drawn in one of these sizes, so that zooming does not move them at every step. */
const SCALES = [1, 1.1, 1.2, 1.35, 1.5, 1.75, 2] as const;
/** Size on the screen below which a label is enlarged against the map. */
const LEGIBLE = 0.86;

const NONE: ReadonlySet<string> = new Set();

export interface ShownLabel extends Label {
  readonly words: Words;
  readonly view: LinkView;
}

/** What of the map is in the document, and how large it is drawn. */
export interface Sight {
  readonly zoom: number;
  readonly cards: readonly { readonly id: string }[];
  readonly links: readonly MapLink[];
}

export class Labelling {
  #model: MapModel;
  #sight: () => Sight;
  #wishes: readonly LabelWish[] = [];
  #key = "";

  constructor(model: MapModel, sight: () => Sight) {
    this.#model = model;
    this.#sight = sight;
  }

  readonly scale = $derived.by(() => {
    const wanted = LEGIBLE / this.#sight().zoom;
    return SCALES.find((scale) => scale >= wanted) ?? SCALES[SCALES.length - 1]!;
  });

  /** The very list of before while nobody wants more or less room: then no place is searched again. */
  readonly #wanted = $derived.by(() => {
    const wishes = this.#collect();
    const key = JSON.stringify(wishes);
    if (key !== this.#key) [this.#key, this.#wishes] = [key, wishes];
    return this.#wishes;
  });

  readonly #cards: readonly Place[] = $derived.by(() =>
    this.#sight().cards.flatMap(({ id }) => this.#model.places?.get(id) ?? []),
  );

  readonly #lines = $derived.by(() => {
    const routes = this.#model.layouter.placement?.routes;
    return new LinePoints(
      this.#sight().links.flatMap(({ id }) => {
        const route = routes?.get(id);
        return route ? [[id, route] as const] : [];
      }),
    );
  });

  readonly #placed = $derived.by(() => this.#place(this.#wanted, this.#cards));

  /** What is pointed at or selected tells its figures although there was no room before; nothing makes way for it. */
  readonly #pointed = $derived.by(() => {
    const placement = this.#model.layouter.placement;
    const lit = this.#litByHand;
    if (!placement || lit.size === 0 || this.#sight().zoom < READABLE.any) return [];
    const wishes = this.#sight()
      .links.filter(({ id }) => lit.has(id) && !this.#placed.some((label) => label.id === id))
      .slice(0, MOST_LOUD)
      .flatMap(({ id }) => this.#wish(id) ?? [])
      .map((wish) => ({ ...wish, loud: true }));
    const labels = this.#place(wishes, [...this.#cards, ...this.#rooms()]);
    return [...labels, ...this.#forced(wishes, labels, placement)];
  });

  readonly shown: readonly ShownLabel[] = $derived(
    [...this.#placed, ...this.#pointed].flatMap((label) => {
      const view = this.#model.views?.links.get(label.id);
      const words = view && formsOf(view)[label.form];
      return words ? [{ ...label, words, view }] : [];
    }),
  );

  #place(wishes: readonly LabelWish[], taken: readonly Place[]): Label[] {
    const routes = this.#model.layouter.placement?.routes;
    return routes && wishes.length > 0 ? placeLabels(wishes, { taken, routes, lines: this.#lines }) : [];
  }

  #collect(): LabelWish[] {
    const { zoom, links } = this.#sight();
    const { views } = this.#model;
    if (!views || zoom < READABLE.any) return [];
    const inState = (state: LinkView["health"]): MapLink[] =>
      links.filter(({ id }) => views.links.get(id)?.health === state && views.links.get(id)!.trouble !== "");
    const loud = [...inState("failing"), ...inState("degraded")].slice(0, MOST_LOUD);
    const quiet = zoom < READABLE.rates || links.length > MOST_RATES ? [] : links.filter((link) => this.#hasRate(link));
    return [...loud, ...quiet].flatMap(({ id }) => this.#wish(id) ?? []);
  }

  /** Idle lines are dashed, which says it. */
  #hasRate({ id }: MapLink): boolean {
    const view = this.#model.views?.links.get(id);
    return view !== undefined && view.trouble === "" && view.health !== "idle";
  }

  #wish(id: string): LabelWish | undefined {
    const view = this.#model.views?.links.get(id);
    return view && wishOf(id, view, this.scale);
  }

  /** Links that are lit because of what the reader does, not because of trouble. */
  get #litByHand(): ReadonlySet<string> {
    const { hovered, selectedCard, selectedLink, emphasis } = this.#model;
    return hovered || selectedCard || selectedLink ? (emphasis?.links ?? NONE) : NONE;
  }

  #rooms(): Place[] {
    return this.#placed.flatMap((label) => {
      const size = this.#wanted.find(({ id }) => id === label.id)?.sizes[label.form];
      return size ? [around(label, size)] : [];
    });
  }

  /** The one line that the reader points at or has selected always speaks, in the middle of itself. */
  #forced(wishes: readonly LabelWish[], placed: readonly Label[], { routes }: Placement): Label[] {
    const { hovered, selectedLink } = this.#model;
    const missing = wishes.filter(({ id }) => !placed.some((label) => label.id === id));
    return missing
      .filter(({ id }) => id === hovered || id === selectedLink)
      .flatMap(({ id, sizes }) => {
        const route = routes.get(id);
        if (!route) return [];
        const spots = spotsAlong(route, 8);
        const { x, y } = spots[spots.length >> 1]!;
        return [{ id, x, y, form: sizes.length - 1 }];
      });
  }
}
