/** The load's configuration file. */
import { readFileSync } from "node:fs";
import { z } from "zod";
import { addressSchema } from "../shop/address.ts";

/** Requests a second that the load will try at most, a spike included. */
export const MAX_RATE = 5_000;

export const rateSchema = z.number().min(0).max(MAX_RATE);

const configSchema = z.strictObject({
  /** Where the shop's edge listens. */
  target: addressSchema,
  /** The address that the shoppers come from; the machine's own where none is given. */
  bind: z.union([z.ipv4(), z.ipv6()]).optional(),
  /** Requests a second. */
  rate: rateSchema,
  /** Where to listen for those who run the demo. */
  control: addressSchema,
});

export type LoadConfig = z.infer<typeof configSchema>;

/** @throws Error naming every field that is wrong. */
export function parseLoadConfig(input: unknown): LoadConfig {
  const result = configSchema.safeParse(input);
  if (!result.success) throw new Error(`The load's configuration is not valid:\n${z.prettifyError(result.error)}`);
  return result.data;
}

/** @throws Error when the file cannot be read, is not JSON, or is not a valid configuration. */
export function readLoadConfig(file: string): LoadConfig {
  let input: unknown;
  try {
    input = JSON.parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new Error(`Reading the load's configuration from ${file}`, { cause });
  }
  return parseLoadConfig(input);
}
