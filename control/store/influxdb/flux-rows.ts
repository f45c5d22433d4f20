import { LineSplitter } from "@influxdata/influxdb-client";

/** One field of one point, or a sum of such. */
export interface FluxRow {
  readonly field: string;
  readonly value: string;
  /** Milliseconds since the epoch; NaN of a sum. */
  readonly atMs: number;
  /** The same object for rows of one series that follow each other. */
  readonly tags: Readonly<Record<string, string>>;
}

interface Header {
  /** Columns before the value; the time is the last of them, where there is one. */
  readonly before: number;
  readonly hasTime: boolean;
  /** Columns after the value: the field and the tags. */
  readonly names: readonly string[];
}

/** What a row says after its value. */
interface Tail {
  readonly text: string;
  readonly field: string;
  readonly tags: FluxRow["tags"];
}

const NO_TAIL: Tail = { text: "", field: "", tags: {} };

/** The rows of an answer in CSV without annotations, a piece at a time as they come. Throws what the server says went wrong. */
export async function* fluxRows(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<FluxRow[]> {
  const reader = new FluxReader();
  const decoder = new TextDecoder();
  for await (const chunk of chunks) yield reader.take(decoder.decode(chunk, { stream: true }));
  yield reader.take(`${decoder.decode()}\n`);
}

/**
 * Reads CSV of which only the first columns differ from row to row: what stands after the value is the same for all points of
 * a series, and is taken apart once. Of a month of all endpoints that is a seventh of what it takes to split each row.
 */
class FluxReader {
  readonly #splitter = new LineSplitter();
  readonly #times = new Map<string, number>();
  #rest = "";
  #header: Header | undefined;
  /** The column of what went wrong; -1 where nothing did. */
  #errorAt = -1;
  #tail = NO_TAIL;

  /** Takes the next text, and gives the rows that are whole by now. */
  take(chunk: string): FluxRow[] {
    const text = this.#rest + chunk;
    const rows: FluxRow[] = [];
    let from = 0;
    for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", from)) {
      const line = text.slice(from, text[end - 1] === "\r" ? end - 1 : end);
      from = end + 1;
      // A blank line stands between tables of other columns, and a sharp before what annotates them.
      if (line === "" || line.startsWith("#")) this.#header = undefined;
      else if (this.#errorAt >= 0) throw new Error(this.#splitter.splitLine(line)[this.#errorAt]);
      else if (this.#header) rows.push(this.#row(line, this.#header));
      else this.#begin(line);
    }
    this.#rest = text.slice(from);
    return rows;
  }

  #begin(line: string): void {
    const names = this.#splitter.splitLine(line);
    this.#errorAt = names.indexOf("error");
    const value = names.indexOf("_value");
    const time = names.indexOf("_time");
    if (this.#errorAt < 0 && (value < 0 || (time >= 0 && time !== value - 1))) {
      throw new Error(`InfluxDB answered in columns that were not expected: ${line}`);
    }
    this.#header = { before: value, hasTime: time >= 0, names: names.slice(value + 1) };
    this.#tail = NO_TAIL;
  }

  #row(line: string, header: Header): FluxRow {
    let [timeAt, valueAt] = [0, 0];
    for (let column = 0; column < header.before; column++)
      [timeAt, valueAt] = [valueAt, line.indexOf(",", valueAt) + 1];
    const valueEnd = line.indexOf(",", valueAt);
    const text = line.slice(valueEnd + 1);
    if (text !== this.#tail.text) this.#tail = this.#tailOf(text, header);
    const { field, tags } = this.#tail;
    const atMs = header.hasTime ? this.#time(line.slice(timeAt, valueAt - 1)) : NaN;
    return { field, value: line.slice(valueAt, valueEnd), atMs, tags };
  }

  #tailOf(text: string, { names }: Header): Tail {
    const values = this.#splitter.splitLine(text);
    const { _field: field = "", ...tags } = Object.fromEntries(names.map((name, at) => [name, values[at] ?? ""]));
    return { text, field, tags };
  }

  /** The slots of all series are the same. */
  #time(text: string): number {
    const known = this.#times.get(text);
    if (known !== undefined) return known;
    const atMs = Date.parse(text);
    this.#times.set(text, atMs);
    return atMs;
  }
}
