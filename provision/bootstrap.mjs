/**
 * Runs a TypeScript entry point on a machine that may have nothing but Node: installs the locked npm packages when
 * they are missing or not those of the lock file, then hands over to the entry point under tsx.
 *
 *     node provision/bootstrap.mjs demo/main.ts --seconds 30
 *
 * Plain JavaScript without imports from packages, because none may be there yet.
 */
import { spawn, spawnSync } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const stampFile = join(root, "node_modules", ".sidelight-lock-hash");

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < 20 || (major === 20 && minor < 19)) {
  process.stderr.write(`Sidelight needs Node 20.19 or newer; this is ${process.versions.node}.\n`);
  process.exit(1);
}

const lockHash = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .update(`${process.platform}-${process.arch}`)
  .digest("hex");

if (!existsSync(stampFile) || readFileSync(stampFile, "utf8") !== lockHash) {
  process.stderr.write("Installing npm packages (once, about 30 s) ...\n");
  // Not `npm ci`: it refuses a lock file that lacks packages of other platforms, which not every registry carries. The
  // versions and hashes of the lock file hold all the same. flock keeps two starts at once apart.
  const install = ["npm", "install", "--no-save", "--no-progress", "--loglevel=error"];
  const npm = spawnSync("flock", [join(root, "package-lock.json"), ...install], { cwd: root, stdio: ["ignore", 2, 2] });
  if (npm.status !== 0) {
    const why = npm.error ? npm.error.message : `npm install ended with code ${npm.status}`;
    process.stderr.write(`The npm packages could not be installed: ${why}. Mend that and run the command again.\n`);
    process.exit(1);
  }
  writeFileSync(stampFile, lockHash);
}

// Nearly everything imports the contract, so it is there before anything starts. The builds keep it up to date later.
if (!existsSync(join(root, "proto", "gen"))) {
  const build = join(root, "provision", "build.ts");
  const made = spawnSync(process.execPath, ["--import", import.meta.resolve("tsx"), build, "proto"], {
    stdio: "inherit",
  });
  if (made.status !== 0) process.exit(1);
}

const [entry, ...args] = process.argv.slice(2);
if (!entry) {
  process.stderr.write("Usage: node provision/bootstrap.mjs ENTRY.ts [arguments]\n");
  process.exit(2);
}
// Over the channel the entry point notices when this process is killed, and can clean up.
const child = spawn(process.execPath, ["--import", import.meta.resolve("tsx"), join(root, entry), ...args], {
  stdio: ["inherit", "inherit", "inherit", "ipc"],
});
// The terminal sends Ctrl-C to the whole group, so the child has it already; wait for it to finish its clean-up.
process.on("SIGINT", () => {});
for (const signal of ["SIGTERM", "SIGHUP"]) process.on(signal, () => child.kill(signal));
// npm does not hand every signal on. Once it is gone nobody could end what it started.
const starter = process.ppid;
setInterval(() => process.ppid !== starter && child.kill("SIGTERM"), 1_000).unref();
child.on("exit", (code, signal) => process.exit(signal ? 1 : (code ?? 1)));
