import { MAX_RULES, MAX_SERVICES, MAX_TAUGHT_RULES, RULE_BYTES, TAUGHT_RULE_BYTES } from "../limits";
import { Loss, lose } from "../losses";
import { addPlace, forgetPlaces } from "./places";
import { Added, RuleTable, noteChecks } from "./rule-table";
import { EVERY_SERVICE, forgetServices } from "./services";

/**
 * What is known of paths beside the shape of ids: the rules of the plugin's configuration, and what control taught,
 * rules for all services and rules and places for one. What finds no room is a loss.
 */
const configured = new RuleTable(memory.data(10240, 8), MAX_RULES, RULE_BYTES);
const taught = new RuleTable(memory.data(27136, 8), MAX_TAUGHT_RULES, TAUGHT_RULE_BYTES);
/** Whether rules were taught for a service: u8 a service number. */
const hasRules = memory.data(136, 8);

let version: u32 = 0;
let digest: u64 = 0;
let found: usize = 0;
let foundSize: u32 = 0;

/** Another number whenever a path may get another template than before. */
export function routesVersion(): u32 {
  return version;
}

/** Starts the rules of the plugin's configuration anew. */
export function startConfiguredRules(): void {
  if (configured.size) version++;
  configured.clear();
}

/**
 * Adds a rule of the plugin's configuration. They count while control taught none for all services.
 *
 * @returns false where it cannot be used, or finds no room
 */
export function addConfiguredRule(at: usize, size: u32): bool {
  version++;
  const added = configured.add(EVERY_SERVICE, at, size);
  note(added);
  return added == Added.YES;
}

/**
 * Forgets all that was taught before.
 *
 * @param newDigest A hash of what is to be taught now; 0 = nothing.
 * @returns false, and forgets nothing, where that is what was taught last
 */
export function startTaught(newDigest: u64): bool {
  if (digest == newDigest) return false;
  digest = newDigest;
  version++;
  taught.clear();
  memory.fill(hasRules, 0, MAX_SERVICES + 1);
  forgetServices();
  forgetPlaces();
  return true;
}

/** Adds a taught rule of a service (services.ts), or of all. */
export function teachRule(service: u32, at: usize, size: u32): void {
  const added = taught.add(service, at, size);
  if (added == Added.YES) store<u8>(hasRules + service, 1);
  note(added);
}

/** Adds a taught place of a service. */
export function teachPlace(service: u32, at: usize, size: u32): void {
  note(addPlace(service, at, size));
}

/** What cannot be used is a value that was cut. */
function note(added: u32): void {
  if (added == Added.NO_RULE) lose(Loss.VALUES_CUT);
  else if (added == Added.NO_ROOM) lose(Loss.RULES_CUT);
}

/** Whether the path in path.ts matches a rule, of its service or else of all; read it with ruleAt and ruleSize. */
export function matchRule(service: u32, method: u32): bool {
  const forAll = load<u8>(hasRules) ? taught : configured;
  const isSpecial = service != EVERY_SERVICE && load<u8>(hasRules + service) != 0;
  if (!isSpecial && !forAll.size) return false;
  noteChecks();
  return (isSpecial && matchIn(taught, service, method)) || matchIn(forAll, EVERY_SERVICE, method);
}

function matchIn(table: RuleTable, service: u32, method: u32): bool {
  const rule = table.match(service, method);
  if (!rule) return false;
  found = table.pathAt(rule);
  foundSize = table.pathSize(rule);
  return true;
}

/** The path of the rule that matched last. */
export function ruleAt(): usize {
  return found;
}

export function ruleSize(): u32 {
  return foundSize;
}
