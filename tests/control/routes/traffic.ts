/** Traffic of public APIs: their documented paths, asked for with names and ids as clients do. */
import { readFileSync } from "node:fs";
import { Popularity, valueOf } from "./values.ts";

/** A documented path: segments are names, "{id}" (recognised by its shape) or "{:kind}" (a name of that kind). */
export interface ApiPath {
  readonly methods: readonly string[];
  readonly segments: readonly string[];
}

/** One of the files in apis/. */
export function readApi(name: string): ApiPath[] {
  const text = readFileSync(new URL(`apis/${name}.txt`, import.meta.url), "utf8");
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const [methods = "", path = ""] = line.split(" ");
    return { methods: methods.split(","), segments: path === "/" ? [] : path.slice(1).split("/") };
  });
}

export function isParameter(segment: string): boolean {
  return segment.startsWith("{:");
}

/** A path with values in it. */
export function fill({ segments }: ApiPath, random: () => number): string[] {
  return segments.map((segment) => (isParameter(segment) ? valueOf(segment.slice(2, -1), random) : segment));
}

export interface Request {
  readonly path: ApiPath;
  readonly method: string;
  /** As a reporter that was taught nothing tells it. */
  readonly route: string;
}

/** Requests without end; which paths are popular depends on the seed. */
export function* requests(api: readonly ApiPath[], random: () => number): Generator<Request, never> {
  const paths = [...api];
  for (let i = paths.length - 1; i > 0; i--) {
    const j = Math.floor(random() * (i + 1));
    [paths[i], paths[j]] = [paths[j]!, paths[i]!];
  }
  const popularity = new Popularity(paths.length);
  for (;;) {
    const path = paths[popularity.draw(random)]!;
    const method = path.methods[Math.floor(random() * path.methods.length)]!;
    yield { path, method, route: `/${fill(path, random).join("/")}` };
  }
}
