/** The rule that was deleted last, until it was put back or something else is done: it takes one click to have it again. */
import type { StatedObject } from "../../../control/api/alert-source.ts";
import { applyObjects } from "../data/alerts-api.ts";

class Undo {
  offered = $state.raw<StatedObject>();

  offer(object: StatedObject): void {
    this.offered = object;
  }

  /** Puts it back as it was written. @throws where control does not take it */
  async take(): Promise<void> {
    if (!this.offered) return;
    const { problems } = await applyObjects(this.offered.yaml, false);
    if (problems[0]) throw new Error(problems[0].message);
    this.offered = undefined;
  }

  /** It was seen, and not taken. */
  forget(): void {
    this.offered = undefined;
  }
}

export const undo = new Undo();
