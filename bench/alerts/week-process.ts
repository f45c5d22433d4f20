/** Judges weeks in a process of its own: a seed comes, what came of its week goes. */
import { runWeek } from "./run-week.ts";

process.on("message", (seed: number) => process.send?.(runWeek(seed)));
process.on("disconnect", () => process.exit());
