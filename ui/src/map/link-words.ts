/** The words that a line carries and the room that they take, before it is known where there is room. Pure. */
import type { LabelWish, Size } from "./labels.ts";
import type { LinkView } from "./views.ts";

/** One form of a label: its lines of text, the trouble first. */
export interface Words {
  readonly trouble: readonly string[];
  readonly rate: string;
}

/** Pixels at zoom 1 of 11 px Inter with tabular figures, a little generous: a label that is too small covers others. */
const GLYPH = { narrow: 3.6, other: 6.9 } as const;
const LINE = 14;
const INSET = { loud: 10, quiet: 6, tall: 4 } as const;
/** Widths grow in steps, so that a flickering figure does not make the map search anew. */
const WIDTH_STEP = 4;

/** Forms from the most telling to the smallest. A quiet line has all its figures, or one of them. */
export function formsOf({ trouble, figure }: Pick<LinkView, "trouble" | "figure">): Words[] {
  if (!trouble) {
    const figures = new Set([figure, ...figure.split(" · ")]);
    return [...figures].map((rate) => ({ trouble: [], rate }));
  }
  const parts = trouble.split("\n");
  const joined = parts.join(" · ");
  const forms = [
    { trouble: [joined], rate: figure },
    { trouble: [joined], rate: "" },
  ];
  return parts.length === 1
    ? forms
    : [...forms, { trouble: parts, rate: "" }, { trouble: parts.slice(0, 1), rate: "" }];
}

/** What a link asks for; `scale` is how much larger than the map its words are drawn. */
export function wishOf(id: string, view: Pick<LinkView, "trouble" | "figure">, scale: number): LabelWish {
  const loud = view.trouble !== "";
  return { id, loud, sizes: formsOf(view).map((words) => sizeOf(words, loud, scale)) };
}

function sizeOf({ trouble, rate }: Words, loud: boolean, scale: number): Size {
  const lines = rate ? [...trouble, rate] : trouble;
  const text = Math.max(...lines.map(widthOf));
  const width = Math.ceil((text + (loud ? INSET.loud : INSET.quiet)) / WIDTH_STEP) * WIDTH_STEP;
  return { width: width * scale, height: (lines.length * LINE + INSET.tall) * scale };
}

function widthOf(text: string): number {
  return [...text].reduce(
    (sum, glyph) => sum + (/[\s.,:·/il1]/.test(glyph) && glyph !== "1" ? GLYPH.narrow : GLYPH.other),
    0,
  );
}
