/** Something that is wrong with control itself, in sentences, the first the shortest. */
export interface ControlTrouble {
  /** For a button: "History 4 min late". */
  readonly word: string;
  readonly sentences: readonly string[];
}
