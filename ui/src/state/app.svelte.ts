/** What all rooms share, handed down by context. */
import { getContext, setContext } from "svelte";

import { matchNodes } from "../model/search.ts";
import { findFaults } from "../model/trouble.ts";
import type { World } from "../model/world.ts";
import { fetchObjects, fetchReceivers } from "../data/alerts-api.ts";
import { fetchStatus } from "../data/api.ts";
import { Alerts } from "./alerts.svelte.ts";
import { Live } from "./live.svelte.ts";
import { pageOf, type Room, type Selection } from "./address.ts";
import { Location } from "./location.svelte.ts";
import { Past } from "./past.svelte.ts";
import { Poll } from "./poll.svelte.ts";
import { Theme } from "./theme.svelte.ts";

const KEY = Symbol("app");
const ROOMS_OF_OBJECTS: ReadonlySet<Room> = new Set([
  "alerts",
  "objective",
  "rules",
  "rule",
  "newRule",
  "mutes",
  "receivers",
  "receiver",
  "newReceiver",
  "route",
]);

export class App {
  readonly live = new Live();
  readonly location = new Location();
  readonly past = new Past(
    () => this.location.atMs,
    () => this.live.world,
  );
  readonly alerts = new Alerts(() => this.location.atMs);
  /** What is written of rules, mutes and receivers, while a room is open that shows it. */
  readonly objects = new Poll(() => (ROOMS_OF_OBJECTS.has(this.location.room) ? "objects" : ""), fetchObjects, {
    everyMs: 15_000,
  });
  /** Who is told, and how that fares: that nobody hears of what fires is seen from every room. */
  readonly receivers = new Poll(() => "receivers", fetchReceivers, { everyMs: 10_000 });
  /** How control itself fares. */
  readonly status = new Poll(() => "status", fetchStatus, { everyMs: 10_000 });
  readonly theme = new Theme();
  paletteOpen = $state(false);

  /** What is shown: the world as it is, or as it was at the instant that is looked at. Undefined until it has come. */
  readonly world: World | undefined = $derived(this.location.atMs === null ? this.live.world : this.past.world);

  readonly faults = $derived(this.world ? findFaults(this.world) : []);

  /** The cluster that control reads; null where there is none, or it is not known yet. */
  readonly cluster = $derived(this.status.data?.kubernetes ?? null);

  /** Nodes that the query matches; null without a query. */
  readonly matches = $derived(this.world ? matchNodes(this.world, this.location.query) : null);

  /** The trouble that the reader closed the panel on; a new one opens it again. */
  #dismissed = $state("");

  readonly #trouble = $derived(
    this.faults
      .filter(({ health }) => health === "failing")
      .map(({ id }) => id)
      .join("\n"),
  );

  /** Whether the panel tells of trouble of its own accord: something fails, nothing is selected, it was not closed. */
  readonly showsTrouble = $derived(
    this.#trouble !== "" && this.location.selection === null && !covers(this.#dismissed, this.#trouble),
  );

  /** Why receivers, or what is written of them, may be out of date. */
  readonly receiversProblem = $derived(this.receivers.error ?? this.objects.error);

  /** Asks for receivers and for what is written of them, which change together. */
  refreshReceivers(): void {
    this.receivers.refresh();
    this.objects.refresh();
  }

  /** Opens the trouble panel again, or whatever there is to see. */
  showTrouble(): void {
    this.#dismissed = "";
    this.location.select(null);
  }

  /** Opens something: on a page its page, everywhere else the panel of the map. */
  select(selection: Selection, endpoint = ""): void {
    if (this.location.subject && selection.kind !== "group") {
      this.location.visit(this.location.hrefOf(pageOf(selection)));
      if (endpoint) this.location.set({ endpoint }, "replace");
    } else {
      this.location.select(selection, endpoint);
    }
  }

  /** Closes the panel, and keeps it closed until something else fails. */
  closePanel(): void {
    this.#dismissed = this.#trouble;
    this.location.select(null);
  }
}

/** Whether every fault of now was there when the reader closed the panel. */
function covers(dismissed: string, now: string): boolean {
  const known = new Set(dismissed.split("\n"));
  return now.split("\n").every((id) => known.has(id));
}

export function provideApp(): App {
  return setContext(KEY, new App());
}

export function useApp(): App {
  return getContext<App>(KEY);
}
