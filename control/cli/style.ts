import { Health } from "#proto/stats.ts";

export type Colour = "red" | "yellow" | "dim" | "bold" | "none";

const codes: Readonly<Record<Colour, readonly [number, number] | undefined>> = {
  red: [31, 39],
  yellow: [33, 39],
  dim: [2, 22],
  bold: [1, 22],
  none: undefined,
};

/** Puts a colour around a text, or returns it as it is. */
export type Paint = (text: string, colour: Colour) => string;

/** SGR sequences (ECMA-48, 8.3.117) where colours are wanted. */
export function painter(withColours: boolean): Paint {
  return (text, colour) => {
    const code = codes[colour];
    return withColours && code && text !== "" ? `\x1b[${code[0]}m${text}\x1b[${code[1]}m` : text;
  };
}

/** A health as people read it: a mark and a word, so that the colour is never the only sign. */
export interface HealthMark {
  readonly text: string;
  readonly word: string;
  readonly colour: Colour;
  /** 0 is the worst. */
  readonly rank: number;
}

/** From worst to best. */
const marks: readonly (readonly [Health, string, string, Colour])[] = [
  [Health.HEALTH_FAILING, "✗", "failing", "red"],
  [Health.HEALTH_DEGRADED, "!", "degraded", "yellow"],
  [Health.HEALTH_AFFECTED, "~", "affected", "yellow"],
  [Health.HEALTH_HEALTHY, "·", "healthy", "none"],
  [Health.HEALTH_IDLE, "-", "idle", "dim"],
  [Health.HEALTH_UNSPECIFIED, "?", "unknown", "dim"],
];

const byHealth = new Map(
  marks.map(([health, mark, word, colour], rank): [Health, HealthMark] => [
    health,
    { text: `${mark} ${word}`, word, colour, rank },
  ]),
);

/** A value that a newer control may send and this client does not know is shown as unknown. */
export function healthMark(health: Health): HealthMark {
  return byHealth.get(health) ?? byHealth.get(Health.HEALTH_UNSPECIFIED)!;
}

/** "2 failing, 1 degraded", worst first; "all healthy" where nothing is wrong, and nothing at all of nothing. */
export function summarise(healths: readonly Health[]): string {
  const troubles = marks.slice(0, 3).flatMap(([health, , word]) => {
    const count = healths.filter((each) => each === health).length;
    return count > 0 ? [`${count} ${word}`] : [];
  });
  if (troubles.length > 0) return troubles.join(", ");
  return healths.length > 0 ? "all healthy" : "";
}
