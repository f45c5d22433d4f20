import type { Snapshot } from "../world/model.ts";
import { HttpError } from "./http-errors.ts";
import { nearNames, oneOf } from "./near-names.ts";
import { MAX_TEXT_LENGTH } from "./queries.ts";

/** A node that a question names: in which field, and what it is there. */
export interface NamedNode {
  readonly field: string;
  readonly role: "server" | "client" | "node";
  /** Empty or left out where none is named. */
  readonly id: string | undefined;
}

/**
 * Refuses a name that nobody knows, so that it is not taken for something without traffic.
 * @param snapshots those in which it may be: what did nothing in a past window may well be known now
 * @throws HttpError 404 with near names, 400 for what can be no name
 */
export function requireNode(snapshots: readonly Snapshot[], { field, role, id = "" }: NamedNode): void {
  if (id === "" || snapshots.some(({ nodes }) => nodes.some((node) => node.id === id))) return;
  if (id.length > MAX_TEXT_LENGTH) {
    const message = `${field} is ${id.length} characters long; ${MAX_TEXT_LENGTH} is the limit`;
    throw new HttpError(400, message, { field });
  }
  const known = new Set(snapshots.flatMap(({ nodes }) => nodes.map((node) => node.id)));
  const near = nearNames(id, [...known]);
  const hint = near.length > 0 ? `did you mean ${oneOf(near)}?` : 'names look like "namespace/name"';
  throw new HttpError(404, `No ${role} "${id}" is known; ${hint}`, { field });
}
