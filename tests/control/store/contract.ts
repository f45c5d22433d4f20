/**
 * What every store must do, whatever engine it has. Call `storeContract` in a test file of the engine.
 */
import type { Test } from "uvu";
import type { Store } from "../../../control/store/store.ts";
import type { Contract } from "./contract-case.ts";
import { exemplarCases } from "./exemplar-cases.ts";
import { movingCases } from "./moving-cases.ts";
import { readingCases } from "./reading-cases.ts";
import { resolutionCases } from "./resolution-cases.ts";
import { seriesBoundsCases } from "./series-bounds-cases.ts";
import { seriesCases } from "./series-cases.ts";
import { sumsCases } from "./sums-cases.ts";
import { writingCases } from "./writing-cases.ts";

/** A place for one history. */
export interface Place {
  /** Opens the history at this place; the first time it is empty. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export function storeContract(test: Test, newPlace: () => Promise<Place>): void {
  /** A case with a place of its own, that is closed and removed even if it fails. */
  const contract: Contract = (name, work) => {
    test(name, async () => {
      const place = await newPlace();
      let store = await place.open();
      const reopen = async (): Promise<Store> => {
        await store.close();
        store = await place.open();
        return store;
      };
      try {
        await work(store, reopen);
      } finally {
        await store.close();
        await place.remove();
      }
    });
  };
  writingCases(contract);
  readingCases(contract);
  resolutionCases(contract);
  exemplarCases(contract);
  movingCases(contract);
  sumsCases(contract);
  seriesCases(contract);
  seriesBoundsCases(contract);
}
