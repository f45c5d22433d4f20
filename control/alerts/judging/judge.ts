/** What a rule of any kind is to the engine: something that says of groups whether they are bad. */
import type { Counted } from "../../world/counted.ts";
import type { Measured } from "../alert.ts";
import type { Rule, Severity } from "../rule.ts";

/**
 * `between`: past the value at which an alert ends and not past that at which one begins. `unknown`: too little is asked to
 * judge by, so nothing begins and nothing ends.
 */
export type Judgement = "good" | "between" | "bad" | "unknown";

export interface Judge {
  readonly rule: Rule;
  readonly severity: Severity;
  /**
   * Calls for each group that is bad.
   * @param endMs the end of all windows, milliseconds since the epoch
   */
  scan(endMs: number, visit: (group: number) => void): void;
  judge(group: number, endMs: number): Judgement;
  measured(group: number): Measured;
  /** In words: "5.2 % of requests to shop/user failed over 5 min (limit 1 %)". */
  summary(group: number): string;
  labels(group: number): Readonly<Record<string, string>>;
  /** Something that the group counts. */
  example(group: number): Counted;
  /** How many groups there are; those that come later have higher numbers. */
  groupCount(): number;
  /** How long an alert that nothing can be said of any more stays, milliseconds. */
  readonly unknownForMs: number;
}
