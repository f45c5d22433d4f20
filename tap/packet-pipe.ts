/**
 * A pipe of the kernel's own for what a child writes. Node gives its children a pair of sockets in place of a pipe, in which each write is a
 * message by itself: packet by packet both sides pay twice as much for it (docs/decisions/0136).
 */
import { execFileSync } from "node:child_process";
import { closeSync, constants, mkdtempSync, openSync, rmSync } from "node:fs";
import { Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Readable } from "node:stream";

export interface PacketPipe {
  readonly output: Readable;
  /** Descriptor to write to, for the child; to be closed here once the child has it. */
  readonly input: number;
}

/** Where a pipe may be made, for a moment; a container's own files may be read-only. */
const FOLDERS = [tmpdir, () => "/dev/shm"];

/** Undefined where none can be made. */
export function openPacketPipe(): PacketPipe | undefined {
  for (const folder of FOLDERS) {
    try {
      return pipeIn(folder());
    } catch {
      // Perhaps in the next one; without a pipe a socket does.
    }
  }
  return undefined;
}

function pipeIn(parent: string): PacketPipe {
  const folder = mkdtempSync(join(parent, "sidelight-tap-"));
  try {
    const path = join(folder, "packets");
    execFileSync("mkfifo", ["-m", "600", path], { stdio: "ignore" });
    // To open one end waits for the other, unless it is told not to.
    const from = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    try {
      const input = openSync(path, constants.O_WRONLY);
      return { output: new Socket({ fd: from, readable: true, writable: false }), input };
    } catch (error) {
      closeSync(from);
      throw error;
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
