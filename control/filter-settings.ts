/** The settings that say which filter sidecars are to run, and where they get it. */
import { z } from "zod";
import { readFilterModule, type ServedFilter } from "./api/filter-module.ts";

export interface FilterSettings {
  readonly file: string;
  /** Where sidecars reach control over HTTP, without a slash at its end, or an artifact in a registry. */
  readonly url: string | undefined;
}

/** The digest is asked for, since under a tag another filter could appear at any time, and in some sidecars only. */
const ARTIFACT = /^oci:\/\/[^\s@]+@sha256:[0-9a-f]{64}$/;

const url = z
  .string()
  .refine((text) => ARTIFACT.test(text) || (URL.canParse(text) && /^https?:$/.test(new URL(text).protocol)), {
    error:
      "must be the http or https address under which sidecars reach control, such as http://sidelight.sidelight.svc:9480, " +
      "or oci://REGISTRY/NAME@sha256:DIGEST",
  })
  .transform((text) => text.replace(/\/+$/, ""));

export const filterEnvironment = {
  SIDELIGHT_FILTER_FILE: z.string().min(1).default("build/filter/sidelight.wasm"),
  SIDELIGHT_FILTER_URL: url.optional(),
};

type FilterValues = z.infer<z.ZodObject<typeof filterEnvironment>>;

export function filterSettings(values: FilterValues): FilterSettings {
  return { file: values.SIDELIGHT_FILTER_FILE, url: values.SIDELIGHT_FILTER_URL };
}

/** @throws Error where the file is no filter, or where sidecars are sent to one that is not there */
export async function openFilter({ file, url }: FilterSettings): Promise<ServedFilter> {
  const module = await readFilterModule(file);
  if (module || url === undefined) return { module, url };
  throw new Error(
    `SIDELIGHT_FILTER_URL sends sidecars here for the filter, but there is none at ${file}: ` +
      "run `npm run build -- filter`, or set SIDELIGHT_FILTER_FILE to where it is",
  );
}
