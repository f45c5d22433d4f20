import { z } from "zod";
import type { Place } from "./service-routes.ts";

/** What the book keeps of one service. */
export interface ServiceContent {
  readonly places: readonly Place[];
  readonly forgotten: readonly string[];
}

/** What the book keeps, by server. */
export type BookContent = ReadonlyMap<string, ServiceContent>;

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
});

/** The book as a text that people can read. */
export function writeBook(content: BookContent): string {
  const services = [...content].map(([server, { places, forgotten }]) => [
    server,
    {
      places: places.map(({ place, sinceMs, values, names }) => {
        const since = new Date(sinceMs).toISOString();
        return names.size > 0 ? { place, since, values, names: [...names].sort() } : { place, since, values };
      }),
      ...(forgotten.length > 0 ? { forgotten } : {}),
    },
  ]);
  return `${JSON.stringify({ version: VERSION, services: Object.fromEntries(services) as unknown }, undefined, 2)}\n`;
}

/** Reads what `writeBook` wrote. Throws an error that says what is wrong with it. */
export function readBook(text: string): BookContent {
  const result = file.safeParse(JSON.parse(text));
  if (!result.success) {
    const [issue] = result.error.issues;
    throw new Error(`${issue?.path.join(".") || "the file"}: ${issue?.message}`);
  }
  return new Map(
    Object.entries(result.data.services).map(([server, { places, forgotten }]) => {
      const read = places.map(({ since, names, ...place }) => ({ ...place, sinceMs: since, names: new Set(names) }));
      return [server, { places: read, forgotten }];
    }),
  );
}
