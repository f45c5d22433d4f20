/**
 * What every store must do, whatever engine it has. Call `storeContract` in a test file of the engine, `seriesContract`,
 * `podsContract`, `stepsContract` and `alertsContract` in others: each file has a process and a time limit of its own.
 */
import type { Test } from "uvu";
import type { Store } from "../../../control/store/store.ts";
import { alertCases } from "./alert-cases.ts";
import type { Contract } from "./contract-case.ts";
import { exemplarCases } from "./exemplar-cases.ts";
import { learningCases } from "./learning-cases.ts";
import { movingCases } from "./moving-cases.ts";
import { podsCases } from "./pods-cases.ts";
import { readingCases } from "./reading-cases.ts";
import { resolutionCases } from "./resolution-cases.ts";
import { seriesBoundsCases } from "./series-bounds-cases.ts";
import { seriesCases } from "./series-cases.ts";
import { stepsCases } from "./steps-cases.ts";
import { sumsCases } from "./sums-cases.ts";
import { writingCases } from "./writing-cases.ts";

/** A place for one history. */
export interface Place {
  /** Opens the history at this place; the first time it is empty. */
  open(): Promise<Store>;
  remove(): Promise<void>;
}

export function storeContract(test: Test, newPlace: () => Promise<Place>): void {
  const contract = contractOf(test, newPlace);
  writingCases(contract);
  readingCases(contract);
  resolutionCases(contract);
  exemplarCases(contract);
  movingCases(contract);
  sumsCases(contract);
}

/** The part of the contract that is about series by group. */
export function seriesContract(test: Test, newPlace: () => Promise<Place>): void {
  const contract = contractOf(test, newPlace);
  seriesCases(contract);
  seriesBoundsCases(contract);
}

/** The part of the contract that is about what pods said. */
export function podsContract(test: Test, newPlace: () => Promise<Place>): void {
  podsCases(contractOf(test, newPlace));
}

/** The part of the contract that is about history in steps. */
export function stepsContract(test: Test, newPlace: () => Promise<Place>): void {
  stepsCases(contractOf(test, newPlace));
}

/** The part of the contract that is about the history of alerts, and about what rules learn of a history. */
export function alertsContract(test: Test, newPlace: () => Promise<Place>): void {
  const contract = contractOf(test, newPlace);
  alertCases(contract);
  learningCases(contract);
}

/** Makes cases with a place of their own, that is closed and removed even if they fail. */
function contractOf(test: Test, newPlace: () => Promise<Place>): Contract {
  return (name, work) => {
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
}
