import { MAX_SEEN_PATH, SEEN_PATHS } from "./limits";
import { routesVersion } from "./routes/rules";
import { copyRoughly, hash, isSame } from "./text";

/**
 * The endpoints of paths seen of late, as they came: most services are asked for some paths over and over, and what a
 * path becomes is the dearest that the filter works out itself. The path of an entry is compared in full.
 *
 * The entry of a path is that at its hash; another path takes its place.
 */
@unmanaged
class Entry {
  /** As in endpoints.ts. */
  endpoint: u16;
  scope: u16;
  /** Its string number, 0 of an RPC. */
  method: u16;
  /** Of the path, which follows; 0 = the entry is free. */
  size: u16;
}
const STRIDE: usize = 64;
const entries = memory.data(SEEN_PATHS * 64, 8);
let version: u32 = 0;

/** The endpoint that `remember` was told, -1 where it is not known any more. */
export function recallEndpoint(scope: u32, method: u32, path: usize, size: u32): i32 {
  if (!size || size > MAX_SEEN_PATH) return -1;
  if (version != routesVersion()) forgetSeenPaths();
  const entry = entryOf(scope, method, path, size);
  if (entry.size != size || entry.method != method || entry.scope != scope) return -1;
  return isSame(pathOf(entry), path, size) ? entry.endpoint : -1;
}

/** Remembers the endpoint of a path. To be called only for what is the same each time, loss and all. */
export function rememberEndpoint(scope: u32, method: u32, path: usize, size: u32, endpoint: u32): void {
  if (!size || size > MAX_SEEN_PATH) return;
  const entry = entryOf(scope, method, path, size);
  entry.endpoint = <u16>endpoint;
  entry.scope = <u16>scope;
  entry.method = <u16>method;
  entry.size = <u16>size;
  copyRoughly(pathOf(entry), path, size);
}

/** To be called when endpoints or strings get new numbers. */
export function forgetSeenPaths(): void {
  version = routesVersion();
  memory.fill(entries, 0, STRIDE * SEEN_PATHS);
}

function entryOf(scope: u32, method: u32, path: usize, size: u32): Entry {
  const place = (<u32>hash(path, size) + scope * 31 + method) & (SEEN_PATHS - 1);
  return changetype<Entry>(entries + <usize>place * STRIDE);
}

function pathOf(entry: Entry): usize {
  return changetype<usize>(entry) + offsetof<Entry>();
}
