/** The images of the demo: built out of this clone, and handed to the command that brings images onto the cluster's nodes. */
import { findProgram } from "../../provision/find-program.ts";
import { projectRoot } from "../../provision/build.ts";
import type { Progress, Step } from "../../provision/progress.ts";
import { run } from "../../provision/run.ts";
import { UserError } from "../commands.ts";
import { IMAGES } from "./names.ts";

/** Debian packages and npm's over a slow line. */
const BUILD_TIMEOUT_MS = 1_800_000;

const FILES: Readonly<Record<keyof typeof IMAGES, string>> = {
  sidelight: "deploy/images/control.Dockerfile",
  tap: "deploy/images/tap.Dockerfile",
  shop: "demo/images/shop.Dockerfile",
  stores: "demo/images/stores.Dockerfile",
};

export interface ImageCommands {
  /** Given TAG CONTEXT -f FILE. */
  readonly build: string;
  /** Given the names of images. */
  readonly load: string;
}

/** What was given, else what there is on PATH. @throws UserError that says what to give */
export function imageCommands(given: { build: string | undefined; load: string | undefined }): ImageCommands {
  const build = given.build ?? builder();
  if (build === undefined)
    throw new UserError(
      "There is none of docker, podman and buildah on PATH, and the demo's images have to be built. Install one, or give --build-image CMD.",
    );
  if (given.load !== undefined) return { build, load: given.load };
  throw new UserError(
    [
      "How do images get onto the cluster's nodes? Give a command that takes their names, for example",
      '  --load-images "kind load docker-image"      (of a cluster that has a name: "kind load docker-image --name NAME")',
      '  --load-images "k3d image import"',
      '  --load-images "minikube image load"',
      "  --load-images true                          where the nodes have the images that are built here, as Docker Desktop's",
      "or set SIDELIGHT_LOAD_IMAGES.",
    ].join("\n"),
  );
}

function builder(): string | undefined {
  const program = findProgram("docker", "podman", "buildah");
  // The command is given the tag first.
  return program && `${program} build -t`;
}

/** Builds all images and loads them. One after the other: the second begins as the first does, and finds those layers. */
export async function provideImages(commands: ImageCommands, progress: Progress, signal: AbortSignal): Promise<void> {
  for (const name of Object.keys(FILES) as (keyof typeof IMAGES)[]) {
    await progress.step(`Image ${IMAGES[name].replace(/^.*\//, "")}`, async (step) => {
      await shell(commands.build, [IMAGES[name], ".", "-f", FILES[name]], { step, signal });
      step.note("");
    });
  }
  await progress.step("Images onto the nodes", async (step) => {
    await shell(commands.load, Object.values(IMAGES), { step, signal });
    step.note("");
  });
}

/** A command as somebody would type it, with words after it. */
async function shell(
  command: string,
  words: readonly string[],
  { step, signal }: { readonly step: Step; readonly signal: AbortSignal },
): Promise<void> {
  const onOutput = (text: string): void => {
    const line = text.trimEnd().split("\n").at(-1)?.trim();
    if (line) step.note(line);
  };
  await run("sh", ["-c", `${command} "$@"`, "sh", ...words], {
    ...{ cwd: projectRoot, signal, onOutput, timeoutMs: BUILD_TIMEOUT_MS },
  });
}
