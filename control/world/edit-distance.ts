/** Letters that must be changed, added or taken away to make one word of another (Levenshtein). */
export function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const change = (row[j - 1] as number) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(change, (row[j] as number) + 1, (next[j - 1] as number) + 1));
    }
    row = next;
  }
  return row[b.length] as number;
}

/** The word that was probably meant, whatever its case; undefined where none is near. */
export function nearestWord(wanted: string, words: readonly string[]): string | undefined {
  const most = Math.max(2, Math.floor(wanted.length / 4));
  const meant = wanted.slice(0, 64).toLowerCase();
  const [nearest] = words
    .map((word) => ({ word, distance: editDistance(meant, word.toLowerCase()) }))
    .sort((a, b) => a.distance - b.distance);
  return nearest !== undefined && nearest.distance <= most ? nearest.word : undefined;
}
