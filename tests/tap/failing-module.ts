/** The tap's module with one parser more, that fails at what begins with "FAIL". */
import { readFile } from "node:fs/promises";
import { join } from "node:path";

import { projectRoot } from "../../provision/build.ts";

/** What is used of the compiler. Its own types would make globals of AssemblyScript's, `Array.at` among them, those of all files. */
interface Compiler {
  main(
    flags: readonly string[],
    files: {
      readonly readFile: (name: string, folder: string) => Promise<string | null>;
      readonly writeFile: (name: string, contents: Uint8Array | string) => void;
      readonly listFiles: () => readonly string[];
    },
  ): Promise<{ readonly error: Error | null; readonly stderr: { toString(): string } }>;
}

const COMPILER = "assemblyscript/asc";

const ENTRY = "failing.ts";

const source = `
import { Protocol } from "./wasm-filter/core/counters";
import { Flow } from "./wasm-filter/packet/flow";
import { Verdict, register } from "./wasm-filter/packet/parsers";

export * from "./wasm-filter/tap/index";

const FAIL: u32 = 0x4c494146;

register(Protocol.REDIS, detect, feed, gap, close);

function detect(client: usize, clientSize: u32, server: usize, serverSize: u32): u32 {
  if (clientSize < 4) return Verdict.MORE;
  return load<u32>(client) == FAIL ? Verdict.YES : Verdict.NO;
}

function feed(flow: Flow, side: u32, at: usize, size: u32): u32 {
  return unreachable();
}

function gap(flow: Flow, side: u32, bytes: u32): void {}

function close(flow: Flow, side: u32): void {}
`;

/** Compiles it, with the settings of wasm-filter/asconfig.tap.json but hardly optimised. */
export async function compileFailing(): Promise<WebAssembly.Module> {
  const config = await readFile(join(projectRoot, "wasm-filter/asconfig.tap.json"), "utf8");
  const { options } = JSON.parse(config) as { options: Record<string, string | readonly string[]> };
  const flags = Object.entries(options).flatMap(([name, values]) =>
    [values].flat().flatMap((value) => [`--${name}`, value]),
  );
  const { default: asc } = (await import(COMPILER)) as { default: Compiler };
  let binary: Uint8Array | undefined;
  const { error, stderr } = await asc.main([ENTRY, "--outFile", "failing.wasm", "--noAssert", ...flags], {
    readFile: async (name, folder) => {
      if (name === ENTRY) return source;
      // That of the filter, which would be taken for ours.
      if (name === "asconfig.json") return null;
      return readFile(join(projectRoot, folder, name), "utf8").catch(() => null);
    },
    writeFile: (_name, contents) => {
      if (contents instanceof Uint8Array) binary = contents;
    },
    listFiles: () => [],
  });
  if (error || !binary) throw new Error(`The failing module cannot be compiled`, { cause: error ?? stderr.toString() });
  return WebAssembly.compile(Buffer.from(binary));
}
