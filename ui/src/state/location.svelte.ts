/** The address bar as reactive state; see address.ts for what stands in it. */
import {
  absolute,
  linkTo,
  readAddress,
  withChange,
  withOpen,
  withSelection,
  type Address,
  type AddressChange,
  type Selection,
} from "./address.ts";

export class Location {
  #href = $state(location.href);

  readonly #address: Address = $derived(readAddress(this.#href));
  readonly room = $derived(this.#address.room);
  readonly query = $derived(this.#address.query);
  readonly selection = $derived(this.#address.selection);
  readonly range = $derived(this.#address.range);
  readonly atMs = $derived(this.#address.atMs);
  readonly span = $derived(this.#address.span);
  readonly folding = $derived(this.#address.folding);
  readonly open = $derived(this.#address.open);
  readonly sort = $derived(this.#address.sort);
  readonly endpoint = $derived(this.#address.endpoint);
  readonly subject = $derived(this.#address.subject);
  readonly name = $derived(this.#address.name);
  readonly narrowed = $derived(this.#address.narrowed);

  constructor() {
    addEventListener("popstate", () => (this.#href = location.href));
  }

  /** Changes parts of the state; what is typed or tuned replaces the entry of the history. */
  set(change: AddressChange, history: "push" | "replace" = "push"): void {
    this.#go(withChange(this.#href, change), history);
  }

  /** Selects something on the map, with one of its endpoints if wanted. */
  select(selection: Selection | null, endpoint = ""): void {
    this.#go(withSelection(this.#href, selection, endpoint), "push");
  }

  setOpen(namespaces: Iterable<string>): void {
    this.#go(withOpen(this.#href, namespaces), "push");
  }

  /** Follows a link of this application. */
  visit(href: string): void {
    this.#go(absolute(this.#href, href), "push");
  }

  /** The address of a room, with search, range and time taken along. */
  hrefOf(path: string, selection?: Selection): string {
    return linkTo(this.#href, path, selection);
  }

  #go(href: string, history: "push" | "replace"): void {
    if (href === this.#href) return;
    if (history === "push") window.history.pushState(null, "", href);
    else window.history.replaceState(null, "", href);
    this.#href = href;
  }
}
