/** Processor time, from the operating system's accounting. */
import { readFileSync, readdirSync } from "node:fs";

/** USER_HZ, in which Linux tells processor time to programs: 100 on every architecture that Node runs on. */
const MICROS_A_TICK = 10_000;

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

/**
 * Microseconds that all processors of the machine together were busy since it started, for whomever, and those that
 * the hypervisor gave to other machines meanwhile ("steal"). From /proc/stat, in steps of 10 ms.
 */
export function busyMicros(): number {
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0, steal = 0] = readFileSync("/proc/stat", "latin1")
    .slice("cpu ".length)
    .trim()
    .split(" ")
    .map(Number);
  return (user + nice + system + irq + softirq + steal) * MICROS_A_TICK;
}
