import { Side } from "../core/counters";
import { MAX_ENDPOINTS_PER_SERVICE } from "../core/limits";
import { addConfiguredRule, startConfiguredRules } from "../core/routes/rules";
import { Text, bytesOf, equals, hash, sizeOf, text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { Attribute, hasAttribute } from "./attributes";
import {
  Setting,
  noteNewer,
  noteUnknown,
  noteWrong,
  startProblems,
  tellEmpty,
  tellNotHandedOver,
  tellNotJson,
  tellProblems,
  tellTooMany,
} from "./config-problems";
import { proxy_get_buffer_bytes } from "./env";
import { BufferType } from "./host";
import {
  enter,
  isAtEnd,
  isBroken,
  nextItem,
  nextKey,
  readBoolean,
  readInteger,
  readString,
  skipValue,
  startJson,
  stoppedAt,
  stringAt,
  stringSize,
} from "./json";
import { Kind, Root, addExternalCluster, addRoot, compareRoots, setCluster } from "./roots";
import {
  LONGEST_INTERVAL,
  SHORTEST_INTERVAL,
  setConfiguredEndpoints,
  setConfiguredExemplars,
  setConfiguredInterval,
} from "./settings";

/** The version of the configuration's form that is described in wasm-filter/README.md. */
const VERSION: i64 = 1;

/** By Setting. */
const KEYS: StaticArray<Text> = [
  text("version"),
  text("cluster"),
  text("side"),
  text("kind"),
  text("interval_ms"),
  text("routes"),
  text("max_endpoints"),
  text("external_clusters"),
  text("exemplars"),
];

const INBOUND = text("inbound");
const OUTBOUND = text("outbound");
const TCP = text("tcp");
const HTTP = text("http");
const DEFAULT_CLUSTER = text("sidelight");
/** Istio's names for what no service entry covers. */
const PASSTHROUGH = text("PassthroughCluster");
const BLACK_HOLE = text("BlackHoleCluster");

/**
 * Takes up a plugin configuration (wasm-filter/README.md lists its keys). It is never refused, since refusing would
 * take the listener with it: what cannot be used is told in Envoy's log, with what is used instead, and a document that
 * cannot be read means the defaults.
 */
export function configure(rootId: u32, size: u32): void {
  const root = addRoot(rootId);
  if (!root) return tellTooMany();
  if (hasAttribute(Attribute.PLUGIN_NAME)) root.name = hash(answerAt(), answerSize());
  setDefaults(root);
  if (!readConfiguration(root, size)) setDefaults(root);
  if (!root.externalClusters) {
    addExternalCluster(root, bytesOf(PASSTHROUGH), sizeOf(PASSTHROUGH));
    addExternalCluster(root, bytesOf(BLACK_HOLE), sizeOf(BLACK_HOLE));
  }
  compareRoots();
}

function setDefaults(root: Root): void {
  root.kind = Kind.HTTP;
  root.side = 0;
  root.externalClusters = 0;
  setCluster(root, bytesOf(DEFAULT_CLUSTER), sizeOf(DEFAULT_CLUSTER));
  startConfiguredRules();
  setConfiguredEndpoints(0);
  setConfiguredInterval(0);
  setConfiguredExemplars(true);
}

/** Reads all of it and tells what is wrong with it; false where none of it is to be used. */
function readConfiguration(root: Root, size: u32): bool {
  if (!size) {
    tellEmpty();
    return false;
  }
  const status = proxy_get_buffer_bytes(BufferType.PLUGIN_CONFIGURATION, 0, size, replyAddress(), replySize());
  if (!isAnswered(status)) {
    tellNotHandedOver(size);
    return false;
  }
  startJson(answerAt(), answerSize());
  if (isAtEnd()) {
    tellEmpty();
    return false;
  }
  startProblems();
  const isObject = enter(0x7b);
  while (isObject && nextKey()) readSetting(root);
  if (!isObject || isBroken() || !isAtEnd()) {
    tellNotJson(stoppedAt());
    return false;
  }
  tellProblems();
  return true;
}

/** Reads the value of the key that the JSON reader has just read. */
function readSetting(root: Root): void {
  let setting: u32 = 0;
  while (setting <= Setting.EXEMPLARS && !isText(KEYS[setting])) setting++;
  if (setting > Setting.EXEMPLARS) {
    noteUnknown(stringAt(), stringSize());
    skipValue();
  } else if (!takeValue(root, setting)) {
    noteWrong(setting);
  }
}

/** False where the value, or an item of it, is not what the setting has to have. */
function takeValue(root: Root, setting: u32): bool {
  if (setting == Setting.CLUSTER) return readText() && setCluster(root, stringAt(), stringSize());
  if (setting == Setting.SIDE) return readText() && takeSide(root);
  if (setting == Setting.KIND) return readText() && takeKind(root);
  if (setting == Setting.ROUTES || setting == Setting.EXTERNAL_CLUSTERS) return takeList(root, setting);
  if (setting == Setting.EXEMPLARS) return takeExemplars();
  return takeNumber(setting, readInteger());
}

function takeSide(root: Root): bool {
  root.side = isText(INBOUND) ? Side.INBOUND : isText(OUTBOUND) ? Side.OUTBOUND : 0;
  return root.side != 0;
}

function takeKind(root: Root): bool {
  root.kind = isText(TCP) ? Kind.TCP : Kind.HTTP;
  return root.kind == Kind.TCP || isText(HTTP);
}

function takeExemplars(): bool {
  const word = readBoolean();
  setConfiguredExemplars(word != 0);
  return word >= 0;
}

/** A number is brought within its bounds where it is used; 0 means the default. */
function takeNumber(setting: u32, number: i64): bool {
  const value = <u32>max<i64>(number, 0);
  if (setting == Setting.VERSION) {
    if (number > VERSION) noteNewer(value);
    return number > 0;
  }
  if (setting == Setting.INTERVAL) {
    setConfiguredInterval(value);
    return number == 0 || (value >= SHORTEST_INTERVAL && value <= LONGEST_INTERVAL);
  }
  setConfiguredEndpoints(value);
  return number >= 0 && value <= MAX_ENDPOINTS_PER_SERVICE;
}

function takeList(root: Root, setting: u32): bool {
  if (!enter(0x5b)) {
    skipValue();
    return false;
  }
  let isGood = true;
  while (nextItem()) {
    if (!readText()) isGood = false;
    else if (setting == Setting.ROUTES) isGood = addConfiguredRule(stringAt(), stringSize()) && isGood;
    else isGood = addExternalCluster(root, stringAt(), stringSize()) && isGood;
  }
  return isGood;
}

function readText(): bool {
  if (readString()) return true;
  skipValue();
  return false;
}

/** Whether the string that was read last is this one. */
function isText(name: Text): bool {
  return equals(stringAt(), stringSize(), name);
}
