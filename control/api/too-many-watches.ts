/** All places for watches are taken. Boundaries turn it into 503 or RESOURCE_EXHAUSTED. */
export class TooManyWatches extends Error {
  constructor(readonly limit: number) {
    super(`All ${limit} places for watches are taken; end one, or ask again and again for single answers`);
    this.name = "TooManyWatches";
  }
}
