/** Which documents a YAML text holds. Told apart by their markers alone, so that what is wrong in one leaves the others as they are. */

export interface DocumentText {
  readonly text: string;
  /** Lines before it in the whole. */
  readonly linesBefore: number;
}

/** A line that begins a document or ends one, wherever it stands: nothing in a document may look like it (YAML 1.2.2, 9.1.2). */
const MARKER = /^(?:---|\.\.\.)(?=[ \t\r\n]|$)/;

/** Those that hold more than comments and directives. */
export function splitDocuments(text: string): DocumentText[] {
  const documents: DocumentText[] = [];
  let lines: string[] = [];
  let linesBefore = 0;
  const close = (nextLine: number): void => {
    if (lines.some(isContent)) documents.push({ text: lines.join("\n"), linesBefore });
    lines = [];
    linesBefore = nextLine;
  };
  for (const [index, line] of text.split("\n").entries()) {
    const [marker] = MARKER.exec(line) ?? [];
    if (marker === undefined) {
      lines.push(line);
      continue;
    }
    close(index);
    // What follows the marker on its line belongs to the document; spaces in its place keep the columns.
    lines.push(marker === "---" ? line.replace("---", "   ") : "");
  }
  close(0);
  return documents;
}

function isContent(line: string): boolean {
  return !/^\s*(?:[#%].*)?$/.test(line);
}
