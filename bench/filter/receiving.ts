/** What a receiver's process says to the benchmark, and what it is asked. */
import type { Aggregate, Figures } from "./aggregate.ts";

export type Question =
  { readonly ask: "until"; readonly total: number } | { readonly ask: "figures" } | { readonly ask: "stop" };

export type Answer =
  | { readonly is: "listening"; readonly port: number }
  | { readonly is: "reached" }
  | { readonly is: "figures"; readonly figures: Figures };

export function answer(message: Answer): void {
  process.send?.(message);
}

/** Answers the benchmark's questions. Call the function that it returns after each message that was aggregated. */
export function answerQuestions(aggregate: Aggregate, stop: () => void): () => void {
  let awaited = Infinity;
  const look = (): void => {
    if (aggregate.total < awaited) return;
    awaited = Infinity;
    answer({ is: "reached" });
  };
  process.on("disconnect", () => process.exit());
  process.on("message", (question: Question) => {
    if (question.ask === "stop") stop();
    else if (question.ask === "figures") answer({ is: "figures", figures: aggregate.figures() });
    else {
      awaited = question.total;
      look();
    }
  });
  return look;
}
