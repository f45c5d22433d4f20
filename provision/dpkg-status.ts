/** dpkg's status file (deb-control(5) records, an empty line between two): which packages a machine has. */

interface Package {
  readonly name: string;
  readonly record: string;
  readonly needs: readonly string[];
  readonly isBase: boolean;
}

/**
 * The status file of the smallest Debian inside this one: what the distribution marks as required, with all that it
 * depends on. Resolving against it gives every machine of a release the same set of packages, whatever else is
 * installed there, and still leaves the C library and the like to the machine.
 */
export function baseSystem(status: string): string {
  const packages = new Map<string, Package>();
  const providers = new Map<string, Package[]>();
  for (const record of status.split(/\n\n+/)) {
    if (!/^Status: \S+ \S+ installed$/m.test(record)) continue;
    const found = parse(record);
    packages.set(found.name, found);
    for (const name of namesIn(field(record, "Provides"))) {
      providers.set(name, [...(providers.get(name) ?? []), found]);
    }
  }
  const kept = new Set<Package>();
  const queue = [...packages.values()].filter((candidate) => candidate.isBase);
  for (let next = queue.pop(); next; next = queue.pop()) {
    if (kept.has(next)) continue;
    kept.add(next);
    for (const name of next.needs) {
      const direct = packages.get(name);
      queue.push(...(direct ? [direct] : (providers.get(name) ?? [])));
    }
  }
  return [...kept].map((one) => `${one.record.trim()}\n\n`).join("");
}

function parse(record: string): Package {
  const priority = field(record, "Priority");
  return {
    name: field(record, "Package"),
    record,
    needs: [...namesIn(field(record, "Depends")), ...namesIn(field(record, "Pre-Depends"))],
    isBase: priority === "required" || field(record, "Essential") === "yes",
  };
}

function field(record: string, name: string): string {
  return new RegExp(`^${name}: (.*)$`, "m").exec(record)?.[1]?.trim() ?? "";
}

/** The names in a list of dependencies; of alternatives all, since the one that is installed counts. */
function namesIn(list: string): string[] {
  return list
    .split(/[,|]/)
    .map((item) => item.trim().split(/[\s:(]/)[0] ?? "")
    .filter(Boolean);
}
