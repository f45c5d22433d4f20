/** Certificates of a test's own, by openssl. */
import { execFile, spawnSync } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

export interface Certificate {
  readonly key: string;
  readonly cert: string;
  /** The file of the certificate, which is its own authority. */
  readonly path: string;
}

/** Signs itself. @param name whose it is: "IP:127.0.0.1", "DNS:smtp.example" */
export async function certificate(folder: string, name: string): Promise<Certificate> {
  const [key, path] = [join(folder, `${name}.key`), join(folder, `${name}.pem`)];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const about = ["-subj", "/CN=mail of a test", "-addext", `subjectAltName=${name}`, "-days", "2"];
  await run("openssl", ["req", "-x509", ...curve, ...about, "-keyout", key, "-out", path]);
  return { key: await readFile(key, "utf8"), cert: await readFile(path, "utf8"), path };
}
