/** What the demo asks of a store: the files fetched once, then a process on a given address with data of its own. */
import type { Step } from "../../provision/progress.ts";
import type { PartSpec } from "../part.ts";

export interface StorePlace {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** An empty folder for its data, gone when the demo ends. */
  readonly folder: string;
}

/** A kind of store, ready to be started any number of times. */
export interface StoreProgram {
  /** Makes the data folder ready and says how to start; a helper process that must run first comes first. */
  parts(place: StorePlace): Promise<readonly PartSpec[]>;
}

/** Fetches what the store needs, or finds it in the cache. `scratch` is an existing folder that lives as long as the demo. */
export type PrepareStore = (step: Step, scratch: string) => Promise<StoreProgram>;
