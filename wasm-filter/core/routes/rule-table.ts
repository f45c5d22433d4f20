import { MAX_RULE, MAX_SEGMENTS } from "../limits";
import { utf8Length } from "../clean";
import { OTHER, methodNumber } from "../strings";
import { hash } from "../text";
import { isDeeper, segmentAt, segmentCount, segmentSize } from "./path";

/** What came of adding a rule. */
export namespace Added {
  export const YES: u32 = 0;
  export const NO_RULE: u32 = 1;
  export const NO_ROOM: u32 = 2;
}

/** Bytes of a rule, and how many chains there are. */
const RULE: usize = 12;
const HEADS: u32 = 256;
/** In place of the number of segments: the rule ends in "**". */
const REST: u32 = 0xff;
/** Number of no rule, behind all others. */
const NONE: u32 = u32.MAX_VALUE;
/** In place of a segment's number: the rule has no name to look for. */
const NO_NAME: u32 = MAX_SEGMENTS;

/** The low 16 bits of each segment's hash: u16 x MAX_SEGMENTS. */
const checks = memory.data(24, 2);

@unmanaged
class Rule {
  /** The next rule of the chain, number + 1. */
  next: u16;
  /** Whose rule it is, and of how many segments (or REST): set | segments << 8. */
  form: u16;
  /** The low bits of the hash of its last segment that is a name, and which segment that is. */
  check: u16;
  name: u8;
  /** Method number; 0 = any. */
  method: u8;
  /** Where its path begins in the bytes of the table, and the size of it. */
  offset: u16;
  size: u8;
}

/**
 * A bounded list of route rules: "/customers/{id}/cards", "GET /static/*" (one segment), "/assets/**" (the rest, which
 * may be nothing). Each belongs to a set, 0 to 255; within a set the first that matches wins.
 *
 * A path can only match rules of its own number of segments, or that end in "**", and that have the name of one of its
 * segments as their last, or no name. So rules are chained by all that, and a request looks into two chains a segment,
 * however many rules there are. Chains are in the order of adding.
 *
 *     heads   u16 x HEADS          first rule of a chain, number + 1
 *     rules   RULE x capacity
 *     bytes   the paths
 */
@unmanaged
export class RuleTable {
  size: u32 = 0;
  private used: u32 = 0;
  /** Rules that end in "**". */
  private rests: u32 = 0;

  /**
   * @param at Zeroed memory of `512 + 12 * capacity + room` bytes, aligned to 8.
   * @param room Bytes that the paths may have in all, at most 65535.
   */
  constructor(
    private at: usize,
    private capacity: u32,
    private room: u32,
  ) {}

  /** Forgets all rules. */
  clear(): void {
    this.size = 0;
    this.used = 0;
    this.rests = 0;
    memory.fill(this.at, 0, HEADS << 1);
  }

  /** Adds a rule, as its user wrote it, to a set; answers what came of it (Added). */
  add(set: u32, at: usize, size: u32): u32 {
    let path = at;
    while (path < at + size && load<u8>(path) != SPACE) path++;
    const hasMethod = path < at + size;
    const method: u32 = hasMethod ? methodNumber(at, <u32>(path - at)) : 0;
    if (hasMethod) path++;
    else path = at;
    const length = <u32>(at + size - path);
    if (method == OTHER || !isRulePath(path, length)) return Added.NO_RULE;
    if (this.size == this.capacity || this.used + length > this.room) return Added.NO_ROOM;
    const rule = this.rule(++this.size);
    rule.next = 0;
    rule.offset = <u16>this.used;
    rule.size = <u8>length;
    rule.method = <u8>method;
    memory.copy(this.bytes() + this.used, path, length);
    this.used += length;
    describe(rule, set, path, length);
    if (rule.form >> 8 == REST) this.rests++;
    this.link(this.head(rule.form, rule.name, rule.check), this.size);
    return Added.YES;
  }

  /** The first rule of a set that the path in path.ts matches, number + 1, or 0. To be called after noteChecks. */
  match(set: u32, method: u32): u32 {
    let first: u32 = NONE;
    if (!isDeeper()) first = this.matchForm(set | (segmentCount() << 8), method, first);
    if (this.rests) first = this.matchForm(set | (REST << 8), method, first);
    return first == NONE ? 0 : first;
  }

  /** The path of a rule, which is the template of what it matches. */
  pathAt(rule: u32): usize {
    return this.bytes() + this.rule(rule).offset;
  }

  pathSize(rule: u32): u32 {
    return this.rule(rule).size;
  }

  /** The first rule of a form that matches, if it comes before another. */
  private matchForm(form: u32, method: u32, before: u32): u32 {
    let first = this.matchChain(form, NO_NAME, method, before);
    for (let i: u32 = 0; i < segmentCount(); i++) first = this.matchChain(form, i, method, first);
    return first;
  }

  private matchChain(form: u32, name: u32, method: u32, before: u32): u32 {
    const check: u32 = name == NO_NAME ? 0 : load<u16>(checks + ((<usize>name) << 1));
    for (let number: u32 = load<u16>(this.head(form, name, check)); number && number < before;) {
      const rule = this.rule(number);
      const isCandidate =
        rule.form == form && rule.check == check && rule.name == name && (!rule.method || rule.method == method);
      if (isCandidate && matches(this.pathAt(number), rule.size)) return number;
      number = rule.next;
    }
    return before;
  }

  /** Hangs a rule behind the last of its chain. */
  private link(head: usize, number: u32): void {
    let place = head;
    while (load<u16>(place)) place = changetype<usize>(this.rule(load<u16>(place)));
    store<u16>(place, <u16>number);
  }

  private head(form: u32, name: u32, check: u32): usize {
    const place = ((form | (check << 16)) ^ (name << 11)) * 0x9e3779b1;
    return this.at + ((<usize>(place >> 24)) << 1);
  }

  private rule(number: u32): Rule {
    return changetype<Rule>(this.at + (HEADS << 1) + (<usize>number - 1) * RULE);
  }

  private bytes(): usize {
    return this.at + (HEADS << 1) + <usize>this.capacity * RULE;
  }
}

const SPACE: u32 = 0x20;
const SLASH: u32 = 0x2f;

/** Notes what rules are found by of the path in path.ts. To be called before `match`, once a path. */
export function noteChecks(): void {
  for (let i: u32 = 0; i < segmentCount(); i++) {
    store<u16>(checks + ((<usize>i) << 1), checkOf(segmentAt(i), segmentSize(i)));
  }
}

function checkOf(at: usize, size: u32): u16 {
  return <u16>hash(at, size);
}

/** Works out a rule's form, and the name to find it by. */
function describe(rule: Rule, set: u32, at: usize, size: u32): void {
  let segments: u32 = 0;
  rule.name = <u8>NO_NAME;
  rule.check = 0;
  const end = at + size;
  for (let from = at + 1; from < end;) {
    const length = segmentLength(from, end);
    if (isRest(from, length)) {
      segments = REST;
      break;
    }
    if (segments < MAX_SEGMENTS && !isAny(from, length)) {
      rule.name = <u8>segments;
      rule.check = checkOf(from, length);
    }
    segments++;
    from += length + 1;
  }
  rule.form = <u16>(set | (segments << 8));
}

function isRulePath(at: usize, size: u32): bool {
  if (!size || size > MAX_RULE || load<u8>(at) != SLASH) return false;
  for (let i: u32 = 0; i < size;) {
    const step = utf8Length(at + i, size - i);
    if (!step) return false;
    i += step;
  }
  return true;
}

/** Compares segment by segment; `at` is a rule's path, which begins with a slash. */
function matches(at: usize, size: u32): bool {
  const end = at + size;
  let i: u32 = 0;
  for (let from = at + 1; from < end; i++) {
    const length = segmentLength(from, end);
    if (isRest(from, length)) return true;
    if (i == segmentCount() || !matchesSegment(from, length, i)) return false;
    from += length + 1;
  }
  return i == segmentCount() && !isDeeper();
}

function matchesSegment(at: usize, size: u32, i: u32): bool {
  return isAny(at, size) || (segmentSize(i) == size && memory.compare(segmentAt(i), at, size) == 0);
}

function segmentLength(from: usize, end: usize): u32 {
  let to = from;
  while (to < end && load<u8>(to) != SLASH) to++;
  return <u32>(to - from);
}

/** "**" */
function isRest(at: usize, size: u32): bool {
  return size == 2 && load<u16>(at) == 0x2a2a;
}

/** "*" or "{name}" */
function isAny(at: usize, size: u32): bool {
  const first = load<u8>(at);
  return (size == 1 && first == 0x2a) || (size > 1 && first == 0x7b && load<u8>(at + size - 1) == 0x7d);
}
