/** Processor time of a process, from the operating system's accounting. */
import { readFileSync, readdirSync } from "node:fs";

/**
 * Microseconds that all threads of a process have run on a processor, user and system together: the first number of
 * /proc/PID/task/TID/schedstat, which counts nanoseconds, where /proc/PID/stat counts ticks of 10 ms. What threads that
 * have ended took is not in it; Envoy and Node keep theirs.
 * https://docs.kernel.org/scheduler/sched-stats.html
 */
export function processorMicros(pid: number): number {
  let nanos = 0;
  try {
    for (const thread of readdirSync(`/proc/${pid}/task`)) {
      nanos += Number(readFileSync(`/proc/${pid}/task/${thread}/schedstat`, "latin1").split(" ")[0]);
    }
  } catch (cause) {
    throw new Error(`Reading the processor time of process ${pid} from /proc, which Linux alone has`, { cause });
  }
  return nanos / 1000;
}
