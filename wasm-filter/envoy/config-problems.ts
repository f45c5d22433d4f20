import { clean, cleanAt } from "../core/clean";
import { Text, text } from "../core/text";
import { addBytes, addNumber, addText, startLine, warn } from "./log";

/** The keys of a plugin configuration, by number. */
export namespace Setting {
  export const VERSION: u32 = 0;
  export const CLUSTER: u32 = 1;
  export const SIDE: u32 = 2;
  export const KIND: u32 = 3;
  export const INTERVAL: u32 = 4;
  export const ROUTES: u32 = 5;
  export const MAX_ENDPOINTS: u32 = 6;
  export const EXTERNAL_CLUSTERS: u32 = 7;
  export const EXEMPLARS: u32 = 8;
}

/** What each has to be, and what is used where it is not. */
const EXPECTED: StaticArray<Text> = [
  text('"version" has to be a number from 1 on; taken for 1'),
  text('"cluster" has to be a name of at most 200 bytes; using "sidelight"'),
  text('"side" has to be "inbound" or "outbound"; using the direction of the listener'),
  text('"kind" has to be "http" or "tcp"; using "http"'),
  text('"interval_ms" has to be a number from 100 to 60000; using the nearest, 1000 where it is no number'),
  text('"routes" has to be a list of at most 128 route rules; leaving out what is none, or one too many'),
  text('"max_endpoints" has to be a number from 1 to 1000; using the nearest, 200 where it is no number'),
  text('"external_clusters" has to be a list of at most 16 names; leaving out what is none, or one too many'),
  text('"exemplars" has to be true or false; using true'),
];

const CONFIGURATION = text("the plugin configuration ");
const IN_CONFIGURATION = text("in the plugin configuration ");
const EMPTY = text('is empty; using the defaults, control is looked for in the cluster "sidelight"');
const NOT_JSON = text("is not a JSON object from byte ");
const DEFAULTS = text(" on; using the defaults for all of it");
const NOT_HANDED_OVER = text("cannot be had from Envoy or is larger than 65000 bytes (it has ");
const ALL_DEFAULTS = text("); using the defaults for all of it");
const NEWER = text("is of version ");
const KNOWN = text(", this filter knows version 1; using what it knows of it and the defaults for the rest");
const UNKNOWN = text('has a key that is unknown, "');
const LEFT_OUT = text('"; leaving it out, and any further one');
const TOO_MANY = text("is one too many in this VM (32); counting, without what it says");

/** Bytes of an unknown key that are told. */
const KEY_BYTES: u32 = 64;

/** Bits by Setting. */
let wrong: u32 = 0;
let hasUnknown: bool = false;
let newer: u32 = 0;

/** Forgets what was wrong with the configuration before. */
export function startProblems(): void {
  wrong = 0;
  hasUnknown = false;
  newer = 0;
}

/** A value is not what its key has to have. */
export function noteWrong(setting: u32): void {
  wrong |= 1 << setting;
}

/** It is of a version that this filter does not know. */
export function noteNewer(version: u32): void {
  newer = version;
}

/** A key is not known. The line is put together now, since the key is gone when `tellProblems` decides about it. */
export function noteUnknown(at: usize, size: u32): void {
  if (hasUnknown) return;
  hasUnknown = true;
  start();
  addText(UNKNOWN);
  addBytes(cleanAt(), clean(at, min(size, KEY_BYTES)));
  addText(LEFT_OUT);
}

/** Tells what was noted: a line for all unknown keys, one for each key with a wrong value. */
export function tellProblems(): void {
  if (hasUnknown && !newer) warn();
  if (newer) tellNewer();
  for (let setting: u32 = 0; setting <= Setting.EXEMPLARS; setting++) {
    if (!(wrong & (1 << setting))) continue;
    startLine();
    addText(IN_CONFIGURATION);
    addText(EXPECTED[setting]);
    warn();
  }
}

function tellNewer(): void {
  start();
  addText(NEWER);
  addNumber(newer);
  addText(KNOWN);
  warn();
}

export function tellEmpty(): void {
  tell(EMPTY);
}

export function tellTooMany(): void {
  tell(TOO_MANY);
}

/** @param at How many bytes of it were one. */
export function tellNotJson(at: u32): void {
  tellWithNumber(NOT_JSON, at, DEFAULTS);
}

export function tellNotHandedOver(size: u32): void {
  tellWithNumber(NOT_HANDED_OVER, size, ALL_DEFAULTS);
}

function start(): void {
  startLine();
  addText(CONFIGURATION);
}

function tell(what: Text): void {
  start();
  addText(what);
  warn();
}

function tellWithNumber(before: Text, number: u32, after: Text): void {
  start();
  addText(before);
  addNumber(number);
  addText(after);
  warn();
}
