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

/** Letters to add, remove or change, regardless of case (Levenshtein); no more exact than is needed of long names. */
function distance(a: string, b: string): number {
  const [from, to] = [a.toLowerCase(), b.toLowerCase()];
  if (Math.abs(from.length - to.length) > 16) return Infinity;
  let row = Array.from({ length: to.length + 1 }, (_, index) => index);
  for (let i = 1; i <= from.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= to.length; j += 1) {
      const changed = (row[j - 1] as number) + (from[i - 1] === to[j - 1] ? 0 : 1);
      next.push(Math.min(changed, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[to.length] as number;
}
