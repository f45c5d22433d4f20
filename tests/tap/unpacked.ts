/** Big captures with exact truths, which are packed by zstd. */
import { spawnSync } from "node:child_process";

import { sharedPath } from "./shared.ts";

/** What the capture of this name holds; undefined, and a word about it, where it or zstd is not there. */
export function unpackedCapture(name: string): Buffer | undefined {
  const path = sharedPath(`captures/${name}.pcap.zst`);
  if (path === undefined) return undefined;
  const zstd = spawnSync("zstd", ["-dcq", path], { maxBuffer: 2 ** 30 });
  if (zstd.status === 0) return zstd.stdout;
  process.stdout.write("skipped: there is no zstd to unpack captures with\n");
  return undefined;
}
