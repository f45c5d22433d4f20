import { Side } from "../core/counters";
import { addConfiguredRule, startConfiguredRules } from "../core/routes/rules";
import { Text, bytesOf, equals, hash, sizeOf, text } from "../core/text";
import { answerAt, answerSize, isAnswered, replyAddress, replySize } from "./answers";
import { Attribute, hasAttribute } from "./attributes";
import { proxy_get_buffer_bytes, proxy_log } from "./env";
import { BufferType, LogLevel } from "./host";
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
  stringAt,
  stringSize,
} from "./json";
import { Kind, Root, addExternalCluster, addRoot, compareRoots, setCluster } from "./roots";
import { setConfiguredEndpoints, setConfiguredExemplars, setConfiguredInterval } from "./settings";

const CLUSTER = text("cluster");
const SIDE = text("side");
const KIND = text("kind");
const INTERVAL = text("interval_ms");
const ROUTES = text("routes");
const MAX_ENDPOINTS = text("max_endpoints");
const EXTERNAL_CLUSTERS = text("external_clusters");
const EXEMPLARS = text("exemplars");

const INBOUND = text("inbound");
const OUTBOUND = text("outbound");
const TCP = text("tcp");
const DEFAULT_CLUSTER = text("sidelight");
/** Istio's names for what no service entry covers. */
const PASSTHROUGH = text("PassthroughCluster");
const BLACK_HOLE = text("BlackHoleCluster");

const BROKEN = text("sidelight: the plugin configuration is not a JSON object; going on with the defaults");
const TOO_MANY = text("sidelight: too many plugin configurations in one VM; this one only counts");

/**
 * Takes up a plugin configuration (wasm-filter/README.md lists its keys). It is never refused, since refusing would
 * take the listener with it: unknown keys are skipped, and a document that cannot be read means the defaults.
 */
export function configure(rootId: u32, size: u32): void {
  const root = addRoot(rootId);
  if (!root) return warn(TOO_MANY);
  if (hasAttribute(Attribute.PLUGIN_NAME)) root.name = hash(answerAt(), answerSize());
  setDefaults(root);
  if (size && !readConfiguration(root, size)) {
    warn(BROKEN);
    setDefaults(root);
  }
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

function readConfiguration(root: Root, size: u32): bool {
  const status = proxy_get_buffer_bytes(BufferType.PLUGIN_CONFIGURATION, 0, size, replyAddress(), replySize());
  if (!isAnswered(status)) return false;
  startJson(answerAt(), answerSize());
  if (!enter(0x7b)) return false;
  while (nextKey()) readSetting(root);
  return !isBroken() && isAtEnd();
}

/** Reads the value of the key that the JSON reader has just read. */
function readSetting(root: Root): void {
  if (isKey(CLUSTER)) {
    if (readText()) setCluster(root, stringAt(), stringSize());
  } else if (isKey(SIDE)) {
    if (readText()) root.side = isKey(INBOUND) ? Side.INBOUND : isKey(OUTBOUND) ? Side.OUTBOUND : 0;
  } else if (isKey(KIND)) {
    if (readText()) root.kind = isKey(TCP) ? Kind.TCP : Kind.HTTP;
  } else if (isKey(INTERVAL)) {
    setConfiguredInterval(<u32>max<i64>(readInteger(), 0));
  } else if (isKey(MAX_ENDPOINTS)) {
    setConfiguredEndpoints(<u32>max<i64>(readInteger(), 0));
  } else if (isKey(EXEMPLARS)) {
    setConfiguredExemplars(readBoolean(true));
  } else if (isKey(ROUTES)) {
    if (startList()) while (nextItem()) if (readText()) addConfiguredRule(stringAt(), stringSize());
  } else if (isKey(EXTERNAL_CLUSTERS)) {
    if (startList()) while (nextItem()) if (readText()) addExternalCluster(root, stringAt(), stringSize());
  } else {
    skipValue();
  }
}

function readText(): bool {
  if (readString()) return true;
  skipValue();
  return false;
}

function startList(): bool {
  if (enter(0x5b)) return true;
  skipValue();
  return false;
}

function isKey(name: Text): bool {
  return equals(stringAt(), stringSize(), name);
}

function warn(message: Text): void {
  proxy_log(LogLevel.WARNING, bytesOf(message), sizeOf(message));
}
