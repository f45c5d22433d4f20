import { MAX_RULE, MAX_RULES, RULE_BYTES } from "../limits";
import { utf8Length } from "../clean";
import { OTHER, methodNumber } from "../strings";
import { isDeeper, segmentAt, segmentCount, segmentSize } from "./path";

/**
 * The user's route rules: "/customers/{id}/cards", "GET /static/*" (one segment), "/assets/**" (the rest, which may be
 * nothing). The first that matches wins, and its path is the template.
 *
 * There are two sets: those of the plugin's configuration, and those that control sent, which go before.
 *
 *     set      u32 rules, u32 bytes used, then rules: u16 method number (0 = any), u16 size, path
 */
const HEADER: usize = 8;
const configured = memory.data(8200, 8);
const taught = memory.data(8200, 8);
let filling: usize = configured;

/** Starts the set of the plugin's configuration anew. */
export function startConfiguredRules(): void {
  start(configured);
}

/** Starts the set that control sends anew; while it stays empty the configured one counts. */
export function startTaughtRules(): void {
  start(taught);
}

function start(set: usize): void {
  filling = set;
  store<u64>(set, 0);
}

/** Adds a rule to the set that was started last; false where it is no rule or there is no room. */
export function addRule(at: usize, size: u32): bool {
  let path = at;
  while (path < at + size && load<u8>(path) != 0x20) path++;
  const hasMethod = path < at + size;
  const method: u32 = hasMethod ? methodNumber(at, <u32>(path - at)) : 0;
  if (hasMethod) path++;
  else path = at;
  const length = <u32>(at + size - path);
  if (method == OTHER || !isRulePath(path, length)) return false;
  const used = load<u32>(filling, 4);
  if (load<u32>(filling) == MAX_RULES || used + 4 + length > RULE_BYTES) return false;
  const rule = filling + HEADER + used;
  store<u16>(rule, <u16>method);
  store<u16>(rule, <u16>length, 2);
  memory.copy(rule + 4, path, length);
  store<u32>(filling, load<u32>(filling) + 1);
  store<u32>(filling, used + 4 + length, 4);
  return true;
}

function isRulePath(at: usize, size: u32): bool {
  if (!size || size > MAX_RULE || load<u8>(at) != 0x2f) return false;
  for (let i: u32 = 0; i < size;) {
    const step = utf8Length(at + i, size - i);
    if (!step) return false;
    i += step;
  }
  return true;
}

/** The rule that the path in path.ts matches, or 0; read it with ruleAt and ruleSize. */
export function matchRule(method: u32): usize {
  const set = load<u32>(taught) ? taught : configured;
  let rule = set + HEADER;
  for (let left = load<u32>(set); left; left--) {
    const wanted = load<u16>(rule);
    if ((!wanted || wanted == method) && matches(ruleAt(rule), ruleSize(rule))) return rule;
    rule += 4 + ruleSize(rule);
  }
  return 0;
}

export function ruleAt(rule: usize): usize {
  return rule + 4;
}

export function ruleSize(rule: usize): u32 {
  return load<u16>(rule, 2);
}

/** Compares segment by segment; `at` is a rule's path, which begins with a slash. */
function matches(at: usize, size: u32): bool {
  const end = at + size;
  let from = at + 1;
  let i: u32 = 0;
  while (from < end) {
    let to = from;
    while (to < end && load<u8>(to) != 0x2f) to++;
    const length = <u32>(to - from);
    if (length == 2 && load<u16>(from) == 0x2a2a) return true;
    if (i == segmentCount() || !matchesSegment(from, length, i)) return false;
    i++;
    from = to + 1;
  }
  return i == segmentCount() && !isDeeper();
}

function matchesSegment(at: usize, size: u32, i: u32): bool {
  const first = load<u8>(at);
  if (size == 1 && first == 0x2a) return true;
  if (size > 1 && first == 0x7b && load<u8>(at + size - 1) == 0x7d) return true;
  return segmentSize(i) == size && memory.compare(segmentAt(i), at, size) == 0;
}
