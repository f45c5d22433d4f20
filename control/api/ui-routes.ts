import type { Context } from "hono";
import { acceptsCoding } from "./accept-encoding.ts";
import { HttpError } from "./http-errors.ts";
import { readUiFiles, type UiFile } from "./ui-files.ts";

type Handler = (context: Context) => Promise<Response>;

/**
 * Serves the built UI: files as they are, and index.html for every other path that is a page of the UI, so that each
 * of its URLs can be opened directly. Where it is not built, a page says how to build it.
 */
export function uiHandler(folder: string): Handler {
  let reading: ReturnType<typeof readUiFiles> | undefined;
  return async (context) => {
    reading ??= readUiFiles(folder);
    const files = await reading.catch((error: unknown) => {
      reading = undefined;
      throw error;
    });
    const { path } = context.req;
    // It may be built while control runs: look again next time.
    if (!files) reading = undefined;
    if (!files && isPage(path)) return context.html(notBuilt, 503);
    const file = files?.get(path) ?? (isPage(path) ? files?.get("/index.html") : undefined);
    if (!file) throw new HttpError(404, `There is no file ${path.slice(0, 200)} in the UI`);
    return answerFile(context, file);
  };
}

/**
 * Files lie in /assets/ or, with an extension, at the root. Everything else is a page, also "/service/external/api.test",
 * since names of hosts have dots.
 */
function isPage(path: string): boolean {
  return !path.startsWith("/assets/") && !/^\/[^/]+\.[a-z0-9]{1,11}$/i.test(path);
}

async function answerFile(context: Context, file: UiFile): Promise<Response> {
  context.header("ETag", file.etag);
  context.header("Cache-Control", file.immutable ? "public, max-age=31536000, immutable" : "no-cache");
  context.header("Vary", "Accept-Encoding");
  if (context.req.header("If-None-Match") === file.etag) return context.body(null, 304);
  context.header("Content-Type", file.type);
  const accepted = context.req.header("Accept-Encoding");
  const coding = (["br", "gzip"] as const).find((candidate) => acceptsCoding(accepted, candidate));
  const encoded = coding && (await file.encoded(coding));
  if (coding && encoded) context.header("Content-Encoding", coding);
  return context.body(new Uint8Array(encoded ?? file.bytes));
}

const notBuilt = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <meta name="color-scheme" content="light dark" />
    <title>Sidelight: the UI is not built</title>
    <style>
      body { font: 15px/1.6 system-ui, sans-serif; max-width: 36rem; margin: 15vh auto; padding: 0 1.5rem; }
      code { font-family: ui-monospace, monospace; padding: 0.1em 0.4em; border: 1px solid #8886; border-radius: 4px; }
    </style>
  </head>
  <body>
    <h1>The UI is not built yet</h1>
    <p>Control is running and its APIs answer. Build the UI in the folder of the project and reload this page:</p>
    <p><code>npm run build</code></p>
    <p>Meanwhile: <a href="/api/v1/snapshot">/api/v1/snapshot</a>, <a href="/api/v1/status">/api/v1/status</a>,
      <a href="/metrics">/metrics</a>, or <code>npm run sidelight -- edges</code> in a terminal.</p>
  </body>
</html>
`;
