/**
 * apt's sources (sources.list(5)), in both of their forms. Backports of a release stand beside it on the same mirror, so the
 * machine's own sources say where they are, and which keys they are checked with.
 */
import { cp, mkdir, readFile, readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const ETC_APT = "/etc/apt";

/** A folder for apt's Dir::Etc::SourceParts: the machine's sources, and beside them those of its backports. */
export async function writeSources(folder: string, codename: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(ETC_APT, "sources.list.d"), folder, { recursive: true }).catch(passOverAbsent);
  await cp(join(ETC_APT, "sources.list"), join(folder, "machine.list")).catch(passOverAbsent);
  const found = { list: "", sources: "" };
  for (const name of await readdir(folder)) {
    const form = /\.(list|sources)$/.exec(name)?.[1] as keyof typeof found | undefined;
    if (form) found[form] += backportsOf(await readFile(join(folder, name), "utf8"), form, codename);
  }
  if (!found.list && !found.sources) {
    throw new Error(
      `No source of apt on this machine is for "${codename}" itself, so where its backports are is not known`,
    );
  }
  // An address may have a password in it.
  for (const [form, text] of Object.entries(found)) {
    await writeFile(join(folder, `backports.${form}`), text, { mode: 0o600 });
  }
}

/** What repeats the sources of a release in a file of apt's for its backports: one line each, or paragraphs. */
export function backportsOf(text: string, form: "list" | "sources", codename: string): string {
  return form === "list" ? linesOf(text, codename) : paragraphsOf(text, codename);
}

/** "deb [options] URI suite component ..." */
function linesOf(text: string, codename: string): string {
  const lines = text.split("\n").flatMap((line) => {
    const [, start, suite, components] = /^\s*(deb\s+(?:\[[^\]]*\]\s+)?\S+\s+)(\S+)(\s+[^#]*)/.exec(line) ?? [];
    return suite === codename ? [`${start}${suite}-backports${components}`.trim()] : [];
  });
  return lines.map((line) => `${line}\n`).join("");
}

/** Fields that may go on in lines that begin with a space, with comments in between. */
function paragraphsOf(text: string, codename: string): string {
  const paragraphs = text.replace(/^#.*\n?/gm, "").split(/\n\s*\n/);
  const own = paragraphs.filter((paragraph) => {
    const words = (field: string) => fieldOf(paragraph, field).split(/\s+/);
    return (
      words("Types").includes("deb") && words("Suites").includes(codename) && !isOff(fieldOf(paragraph, "Enabled"))
    );
  });
  return own
    .map((paragraph) => replaced(replaced(paragraph, "Types", "deb"), "Suites", `${codename}-backports`))
    .map((paragraph) => `${paragraph.trim()}\n\n`)
    .join("");
}

function fieldOf(paragraph: string, name: string): string {
  return fieldPattern(name).exec(paragraph)?.[1]?.trim() ?? "";
}

function replaced(paragraph: string, name: string, value: string): string {
  return paragraph.replace(fieldPattern(name), `${name}: ${value}`);
}

function fieldPattern(name: string): RegExp {
  return new RegExp(`^${name}:(.*(?:\\n[ \\t].*)*)`, "im");
}

function isOff(enabled: string): boolean {
  return /^(no|false|off|without|disable)$/i.test(enabled);
}

function passOverAbsent(error: NodeJS.ErrnoException): void {
  if (error.code !== "ENOENT") throw error;
}
