/** What may be done to which path over HTTP. */

const QUESTIONS: readonly string[] = ["GET", "HEAD"];

/** Those that take anything else: what changes something, or has more to ask than fits into an address. */
const OTHERS: readonly (readonly [RegExp, readonly string[]])[] = [
  [/^\/api\/v1\/objects$/, [...QUESTIONS, "POST"]],
  [/^\/api\/v1\/objects\/[^/]+\/[^/]+$/, ["DELETE"]],
  [/^\/api\/v1\/backtest$/, ["POST"]],
  [/^\/api\/v1\/receivers\/[^/]+\/(?:test|dead)$/, ["POST"]],
];

export function allowedMethods(path: string): readonly string[] {
  return OTHERS.find(([pattern]) => pattern.test(path))?.[1] ?? QUESTIONS;
}
