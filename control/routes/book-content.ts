import { z } from "zod";
import type { CallersContent } from "./callers.ts";
import type { Place } from "./service-routes.ts";

/** What the book keeps of one service. */
export interface ServiceContent {
  readonly places: readonly Place[];
  readonly forgotten: readonly string[];
}

/** What the book keeps, by server. */
export type BookContent = ReadonlyMap<string, ServiceContent>;

/** All that the file of learned routes holds. */
export interface RoutesContent {
  readonly book: BookContent;
  readonly callers: CallersContent;
}

const VERSION = 1;

const instant = z
  .string()
  .refine((text) => !Number.isNaN(Date.parse(text)), { error: "must be a time" })
  .transform((text) => Date.parse(text));

const file = z.object({
  version: z.literal(VERSION, { error: `must be ${VERSION}: a later version of Sidelight wrote it` }),
  services: z.record(
    z.string(),
    z.object({
      places: z.array(
        z.object({
          place: z.string().startsWith("/").endsWith("/{id}"),
          since: instant,
          values: z.int().nonnegative(),
          names: z.array(z.string()).default([]),
        }),
      ),
      forgotten: z.array(z.string()).default([]),
    }),
  ),
  callers: z.record(z.string(), z.record(z.string(), z.array(z.string()))).default({}),
});

/** All of it as a text that people can read. */
export function writeBook({ book, callers }: RoutesContent): string {
  const services = [...book].map(([server, { places, forgotten }]) => [
    server,
    {
      places: places.map(({ place, sinceMs, values, names }) => {
        const since = new Date(sinceMs).toISOString();
        return names.size > 0 ? { place, since, values, names: [...names].sort() } : { place, since, values };
      }),
      ...(forgotten.length > 0 ? { forgotten } : {}),
    },
  ]);
  const content = {
    version: VERSION,
    services: Object.fromEntries(services) as unknown,
    callers: Object.fromEntries([...callers].map(([caller, clusters]) => [caller, Object.fromEntries(clusters)])),
  };
  return `${JSON.stringify(content, undefined, 2)}\n`;
}

/** Reads what `writeBook` wrote. Throws an error that says what is wrong with it. */
export function readBook(text: string): RoutesContent {
  const result = file.safeParse(JSON.parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  const { services, callers } = result.data;
  const book = Object.entries(services).map(([server, { places, forgotten }]) => {
    const read = places.map(({ since, names, ...place }) => ({ ...place, sinceMs: since, names: new Set(names) }));
    return [server, { places: read, forgotten }] as const;
  });
  return {
    book: new Map(book),
    callers: new Map(Object.entries(callers).map(([caller, clusters]) => [caller, new Map(Object.entries(clusters))])),
  };
}
