import { Loss, lose } from "../core/losses";
import { failed, isReadable, nextTag, readAt, readFrom, readNumber, readSize, readVarint, skip } from "../core/reader";
import { areSettingsReadable, takeRoutes } from "../core/taught-routes";
import { acknowledge } from "./delivery";
import { setTaught } from "./settings";
import { takeTap } from "./tapping";

/** Tags (field number << 3 | wire type) of ReportResponse, Ack and Settings. */
const RESPONSE_ACK: u32 = (1 << 3) | 2;
const RESPONSE_SETTINGS: u32 = (2 << 3) | 2;
const RESPONSE_TAP: u32 = (3 << 3) | 2;
const ACK_SEQUENCE: u32 = 1 << 3;
const SETTINGS_INTERVAL: u32 = 1 << 3;
const SETTINGS_MAX_ENDPOINTS: u32 = 3 << 3;
const SETTINGS_EXEMPLARS: u32 = 5 << 3;

/** Takes a ReportResponse. One that cannot be read has no effect but to be counted. */
export function takeResponse(at: usize, size: u32, nowMillis: u64): void {
  if (!readResponse(at, size, nowMillis)) lose(Loss.CONTROL_MESSAGES_BAD);
}

function readResponse(at: usize, size: u32, nowMillis: u64): bool {
  let kind: u32 = 0;
  let message: usize = 0;
  let messageSize: u32 = 0;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag != RESPONSE_ACK && tag != RESPONSE_SETTINGS && tag != RESPONSE_TAP) {
      skip(tag);
      continue;
    }
    kind = tag;
    messageSize = readSize();
    message = readAt() - messageSize;
  }
  if (failed()) return false;
  if (kind == RESPONSE_ACK) return takeAck(message, messageSize, nowMillis);
  if (kind == RESPONSE_TAP) return isReadable(message, messageSize) && takeTap(message, messageSize, nowMillis);
  return kind != RESPONSE_SETTINGS || takeSettings(message, messageSize);
}

function takeAck(at: usize, size: u32, nowMillis: u64): bool {
  let sequence: u64 = 0;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag == ACK_SEQUENCE) sequence = readVarint();
    else skip(tag);
  }
  return !failed() && sequence <= u32.MAX_VALUE && acknowledge(<u32>sequence, nowMillis);
}

function takeSettings(at: usize, size: u32): bool {
  if (!areSettingsReadable(at, size)) return false;
  takeRoutes(at, size);
  let interval: u32 = 0;
  let maxEndpoints: u32 = 0;
  let exemplars: u32 = 0;
  readFrom(at, size);
  for (let tag = nextTag(); tag; tag = nextTag()) {
    if (tag == SETTINGS_INTERVAL) {
      interval = readNumber();
    } else if (tag == SETTINGS_MAX_ENDPOINTS) {
      maxEndpoints = readNumber();
    } else if (tag == SETTINGS_EXEMPLARS) {
      exemplars = readNumber();
    } else {
      skip(tag);
    }
  }
  setTaught(interval, maxEndpoints, exemplars);
  return true;
}
