import { Loss, lose } from "./losses";
import { failed, isReadable, nextTag, readAt, readFrom, readSize, skip } from "./reader";
import { startTaught, teachPlace, teachRule } from "./routes/rules";
import { EVERY_SERVICE, addService, nameService } from "./routes/services";
import { hash } from "./text";

/** Tags (field number << 3 | wire type) of Settings and ServiceRoutes. */
const SETTINGS_ROUTE: u32 = (2 << 3) | 2;
const SETTINGS_SERVICE_ROUTES: u32 = (4 << 3) | 2;
const SERVICE_CLUSTER: u32 = (1 << 3) | 2;
const SERVICE_RULE: u32 = (2 << 3) | 2;
const SERVICE_ID_PLACE: u32 = (3 << 3) | 2;
const SERVICE_ADDRESS: u32 = (4 << 3) | 2;

/** Hash over what a Settings message says of routes. */
let digest: u64 = 0;

/** Whether a Settings message can be read to its end, what it says of services too, before any of it takes effect. */
export function areSettingsReadable(at: usize, size: u32): bool {
  const end = at + size;
  digest = 0;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag != SETTINGS_ROUTE && tag != SETTINGS_SERVICE_ROUTES) {
      skip(tag);
      continue;
    }
    const length = readSize();
    const next = readAt();
    if (failed()) return false;
    digest = (digest ^ hash(next - length, length) ^ tag) * 0x9e3779b97f4a7c15;
    digest ^= digest >> 32;
    if (tag == SETTINGS_SERVICE_ROUTES && !isReadable(next - length, length)) return false;
    readFrom(next, <u32>(end - next));
  }
  return !failed();
}

/**
 * Takes what the Settings message that areSettingsReadable has just read says of routes, in place of what one said
 * before. The same again changes nothing.
 */
export function takeRoutes(at: usize, size: u32): void {
  if (!startTaught(digest)) return;
  const end = at + size;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag != SETTINGS_ROUTE && tag != SETTINGS_SERVICE_ROUTES) {
      skip(tag);
      continue;
    }
    const length = readSize();
    const next = readAt();
    if (tag == SETTINGS_ROUTE) teachRule(EVERY_SERVICE, next - length, length);
    else takeServiceRoutes(next - length, length);
    readFrom(next, <u32>(end - next));
  }
}

/** What is taught of a service that finds no room is cut, all of it. */
function takeServiceRoutes(at: usize, size: u32): void {
  const service = readService(at, size);
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag != SERVICE_RULE && tag != SERVICE_ID_PLACE) {
      skip(tag);
      continue;
    }
    const length = readSize();
    if (service == EVERY_SERVICE) lose(Loss.RULES_CUT);
    else if (tag == SERVICE_RULE) teachRule(service, readAt() - length, length);
    else teachPlace(service, readAt() - length, length);
  }
}

/** The number of the service; fields may come in any order, so its name is looked for first. */
function readService(at: usize, size: u32): u32 {
  let cluster = at;
  let clusterSize: u32 = 0;
  let isEmpty = true;
  let hasAddresses = false;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag == SERVICE_CLUSTER) {
      clusterSize = readSize();
      cluster = readAt() - clusterSize;
      continue;
    }
    if (tag == SERVICE_RULE || tag == SERVICE_ID_PLACE) isEmpty = false;
    if (tag == SERVICE_ADDRESS) hasAddresses = true;
    skip(tag);
  }
  if (isEmpty) return EVERY_SERVICE;
  return hasAddresses ? readAddresses(at, size) : addService(cluster, clusterSize);
}

/** The number of a service that is known by its addresses. */
function readAddresses(at: usize, size: u32): u32 {
  let service = EVERY_SERVICE;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag != SERVICE_ADDRESS) {
      skip(tag);
      continue;
    }
    const length = readSize();
    const address = readAt() - length;
    if (service == EVERY_SERVICE) service = addService(address, length);
    else if (!nameService(service, address, length)) lose(Loss.RULES_CUT);
  }
  return service;
}
