/** Names as they stand in the paths of real APIs, made from a seed: so many of each kind, popular as names are. */

const FIRST =
  "amber atlas birch brisk cedar cloud coral delta dusk ember fern flint frost gale glade harbor hazel iris jade juniper kestrel lark linen lotus maple meadow mint nova oak ocean olive onyx opal orchid pearl pine plum quartz raven river robin rowan ruby sage slate sorrel spruce storm summit sunny swift tidal topaz umber velvet violet walnut willow wren zephyr".split(
    " ",
  );
const SECOND =
  "anchor arrow badge basket beacon bell board bridge brook candle canvas castle chair circle clock compass cottage crane crown drum engine feather field finch forge fox garden gate glass grove hammer heron hill house island kite ladder lamp lantern leaf lens light loom mill mirror moon mountain otter owl paper parrot path pebble pilot planet pocket pond ribbon road rocket rope sail shell shield ship sky song spark spoon star stone stream table thread tiger tower trail tree tunnel valley wagon water wheel window wing wolf wood".split(
    " ",
  );
const GIVEN =
  "ada alan alice amir ana ben bob carla chen clara dana david diego elena emil eva felix fatima george grace hana hugo ida ivan jana jonas julia kai karin lars lena leo lin luca maria marta max maya mia milan nadia nina noah nora olga omar oscar paul petra priya quinn rafael rosa sam sara sofia tara theo tom uma vera victor wei yara yusuf zoe".split(
    " ",
  );
const CITIES =
  "amsterdam athens barcelona basel berlin bern bilbao bogota bonn boston bremen bristol brussels budapest cairo calgary chicago cologne copenhagen cork dallas delhi denver detroit dresden dubai dublin edinburgh essen florence frankfurt geneva genoa ghent glasgow graz hamburg hanoi havana helsinki houston istanbul jakarta kiel krakow kyoto lagos leeds leipzig lille lima linz lisbon london lyon madrid malaga malmo manchester manila marseille melbourne miami milan montreal moscow mumbai munich nairobi nantes naples nice nottingham oakland odense osaka oslo ottawa oxford paris perth phoenix porto prague quito reims riga rome rotterdam salzburg santiago seattle seoul seville sofia stockholm stuttgart sydney tallinn tampa tokyo toronto toulouse trieste turin utrecht valencia vancouver venice vienna vilnius warsaw wellington york zagreb zurich".split(
    " ",
  );

/** A name of each kind by its number; how many there are of the kind. */
const KINDS: Readonly<Record<string, readonly [number, (n: number) => string]>> = {
  user: [20_000, (n) => `${of(GIVEN, n)}${["", "-", "_", "."][n % 4]}${of(SECOND, n * 7)}${n > 9_000 ? n % 89 : ""}`],
  slug: [8_000, (n) => `${of(FIRST, n)}-${of(SECOND, n * 3)}${n > 4_000 ? `-${of(SECOND, n * 11)}` : ""}`],
  tenant: [45, (n) => `${of(FIRST, n * 5)}-${["inc", "gmbh", "ltd", "labs"][n % 4]}`],
  sku: [
    3_000,
    (n) =>
      `${of(SECOND, n).slice(0, 3).toUpperCase()}-${of(FIRST, n * 3)
        .slice(0, 2)
        .toUpperCase()}-${of(["XS", "S", "M", "L", "XL"], n)}${of(["R", "B", "G", "W"], n * 7)}${of(["", "A", "B", "C"], n * 3)}`,
  ],
  "order-code": [9_000, (n) => `${of(FIRST, n)}-${of(SECOND, n * 5)}-${of(GIVEN, n * 3)}`],
  city: [CITIES.length, (n) => CITIES[n]!],
  file: [300, (n) => `${of(FIRST, n)}${n > 60 ? `-${of(SECOND, n)}` : ""}.${["js", "css", "yml", "md"][n % 4]}`],
  "image-file": [9, (n) => `${of(FIRST, n)}.jpg`],
  image: [400, (n) => `${of(FIRST, n)}${n > 60 ? `-${of(SECOND, n)}` : ""}`],
  branch: [
    1_000,
    (n) =>
      n < 3
        ? ["main", "develop", "release"][n]!
        : `${of(["fix", "feature", "add"], n)}-${of(FIRST, n)}-${of(SECOND, n * 3)}`,
  ],
  label: [200, (n) => `${of(FIRST, n)}${n > 60 ? `-${of(SECOND, n)}` : ""}`],
  secret: [160, (n) => `${of(FIRST, n)}_${of(SECOND, n * 3)}`.toUpperCase()],
  tag: [900, (n) => (n === 0 ? "latest" : `v${1 + (n % 9)}.${n % 31}.${n % 7}-${of(FIRST, n)}`)],
  code: [500, (n) => `${of(FIRST, n)}${of(["10", "20", "OFF", "VIP"], n)}`.toUpperCase()],
  k8sname: [800, (n) => `${of(SECOND, n)}-${of(FIRST, n * 7)}`],
  k8snamespace: [70, (n) => `${of(SECOND, n * 3)}${n % 3 ? "" : "-prod"}`],
  genre: [25, (n) => of(FIRST, n * 2)],
  license: [30, (n) => `${of(FIRST, n)}-license`],
  language: [30, (n) => of(SECOND, n * 2)],
  country: [46, (n) => `${String.fromCharCode(65 + (n % 26))}${String.fromCharCode(65 + ((n * 7) % 25))}`],
  capability: [30, (n) => `${of(FIRST, n)}_payments`],
  package: [6, (n) => ["npm", "maven", "rubygems", "docker", "nuget", "container"][n]!],
  archive: [2, (n) => ["zip", "tar"][n]!],
  few: [5, (n) => of(SECOND, n * 9)],
};

function of(words: readonly string[], n: number): string {
  return words[n % words.length]!;
}

/** Numbers from 0 on, of which each is the rarer the larger it is (Zipf's law with exponent 1). */
export class Popularity {
  readonly #sums: number[] = [];

  constructor(size: number) {
    let sum = 0;
    for (let n = 1; n <= size; n++) this.#sums.push((sum += 1 / n));
  }

  draw(random: () => number): number {
    const wanted = random() * this.#sums.at(-1)!;
    let [low, high] = [0, this.#sums.length - 1];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.#sums[middle]! < wanted) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}

const popularities = new Map<string, Popularity>();

/** A name of a kind, popular ones more often. */
export function valueOf(kind: string, random: () => number): string {
  const entry = KINDS[kind];
  if (!entry) throw new Error(`Making a value of the kind "${kind}", which values.ts does not know`);
  const [size, name] = entry;
  const popularity = popularities.get(kind) ?? new Popularity(size);
  popularities.set(kind, popularity);
  return name(popularity.draw(random));
}
