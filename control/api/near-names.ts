import { editDistance } from "../world/edit-distance.ts";

/** Names that are offered at once. */
const MAX_OFFERED = 3;

/** Of these node ids the ones that were probably meant: "shop/user" for "user", "Shop/usr" or "prod/user"; the nearest first. */
export function nearNames(wanted: string, ids: readonly string[]): string[] {
  const most = Math.max(2, Math.floor(wanted.length / 4));
  return ids
    .map((id) => ({ id, distance: Math.min(distance(wanted, id), distance(nameOf(wanted), nameOf(id)) + 1) }))
    .filter(({ distance }) => distance <= most)
    .sort((a, b) => a.distance - b.distance || (a.id < b.id ? -1 : 1))
    .slice(0, MAX_OFFERED)
    .map(({ id }) => id);
}

/** "a", "a or b", "a, b or c". */
export function oneOf(names: readonly string[]): string {
  return names.length < 2 ? names.join("") : `${names.slice(0, -1).join(", ")} or ${names.at(-1)}`;
}

function nameOf(id: string): string {
  return id.slice(id.indexOf("/") + 1);
}

/** Regardless of case, and no more exact than is needed of long names. */
function distance(a: string, b: string): number {
  return Math.abs(a.length - b.length) > 16 ? Infinity : editDistance(a.toLowerCase(), b.toLowerCase());
}
