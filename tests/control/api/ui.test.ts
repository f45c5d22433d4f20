import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import { acceptsCoding } from "../../../control/api/accept-encoding.ts";
import { type ControlUnderTest, startControl } from "./fixture-control.ts";

const script = `console.log(${JSON.stringify("side light ".repeat(500))});\n`;
const page = "<!doctype html><title>Sidelight</title>\n";

const ui = suite("The UI over HTTP");
let folder: string;
let uiDir: string;
let control: ControlUnderTest;

async function build(): Promise<void> {
  await mkdir(join(uiDir, "assets"), { recursive: true });
  await writeFile(join(uiDir, "assets", "index-B3xY.js"), script);
  await writeFile(join(uiDir, "favicon.svg"), "<svg/>");
  await writeFile(join(uiDir, "index.html"), page);
}

ui.before.each(async () => {
  folder = await mkdtemp(join(tmpdir(), "sidelight-ui-"));
  uiDir = join(folder, "ui");
  await writeFile(join(folder, "secret.txt"), "secret");
  control = await startControl({ http: { uiDir } });
});

ui.after.each(async () => {
  await control.close();
  await rm(folder, { recursive: true });
});

ui("says how to build it where it is not built, and serves it once it is", async () => {
  const before = await fetch(`${control.http}/`);
  assert.is(before.status, 503);
  assert.match(before.headers.get("content-type") ?? "", "text/html");
  assert.match(await before.text(), "npm run build");
  assert.is((await fetch(`${control.http}/assets/index-B3xY.js`)).status, 404);
  await build();
  assert.is(await (await fetch(`${control.http}/`)).text(), page);
});

ui("keeps hashed files for ever and asks for the page anew", async () => {
  await build();
  const asset = await fetch(`${control.http}/assets/index-B3xY.js`);
  assert.is(asset.headers.get("content-type"), "text/javascript; charset=utf-8");
  assert.is(asset.headers.get("cache-control"), "public, max-age=31536000, immutable");
  assert.is(await asset.text(), script);
  const index = await fetch(`${control.http}/index.html`);
  assert.is(index.headers.get("cache-control"), "no-cache");
  const icon = await fetch(`${control.http}/favicon.svg`);
  assert.is(icon.headers.get("cache-control"), "no-cache");
  assert.is(icon.headers.get("content-type"), "image/svg+xml; charset=utf-8");
});

ui("answers 304 to who has it already", async () => {
  await build();
  const first = await fetch(`${control.http}/`);
  const etag = first.headers.get("etag")!;
  const again = await fetch(`${control.http}/`, { headers: { "If-None-Match": etag } });
  assert.is(again.status, 304);
  assert.is(await again.text(), "");
  assert.is((await fetch(`${control.http}/`, { headers: { "If-None-Match": '"other"' } })).status, 200);
});

ui("compresses scripts as the client can read them, and small files not at all", async () => {
  await build();
  const encoding = async (path: string, accepted: string): Promise<string | null> => {
    const response = await fetch(`${control.http}${path}`, { headers: { "Accept-Encoding": accepted } });
    const text = await response.text();
    if (path.endsWith(".js")) assert.is(text, script);
    assert.is(response.headers.get("vary"), "Accept-Encoding");
    return response.headers.get("content-encoding");
  };
  assert.is(await encoding("/assets/index-B3xY.js", "gzip, deflate, br"), "br");
  assert.is(await encoding("/assets/index-B3xY.js", "gzip"), "gzip");
  assert.is(await encoding("/assets/index-B3xY.js", "identity"), null);
  assert.is(await encoding("/", "br"), null);
});

ui("every page of the UI can be opened by its address; files that are not there are not pages", async () => {
  await build();
  for (const path of ["/services", "/service/shop/user?range=1h", "/service/external/api.test.example"]) {
    const response = await fetch(`${control.http}${path}`);
    assert.is(response.status, 200, path);
    assert.is(await response.text(), page, path);
  }
  for (const path of ["/assets/gone.js", "/gone.png", "/api/v2/snapshot"]) {
    assert.is((await fetch(`${control.http}${path}`)).status, 404, path);
  }
});

ui("serves nothing from outside of its folder", async () => {
  await build();
  for (const path of ["/../secret.txt", "/..%2fsecret.txt", "/assets/%2e%2e/%2e%2e/secret.txt", "/%00secret.txt"]) {
    const response = await fetch(`${control.http}${path}`);
    assert.not.match(await response.text(), /^secret$/, path);
  }
});

ui.run();

const header = suite("Accept-Encoding");

header("allows what is named or meant by *, and not what has a quality of 0", () => {
  assert.ok(acceptsCoding("gzip, deflate, br", "gzip"));
  assert.ok(acceptsCoding("GZIP;q=0.5", "gzip"));
  assert.ok(acceptsCoding("*", "gzip"));
  assert.not(acceptsCoding("gzip;q=0", "gzip"));
  assert.not(acceptsCoding("gzip; q=0.000, *", "gzip"));
  assert.not(acceptsCoding("deflate", "gzip"));
  assert.not(acceptsCoding("", "gzip"));
  assert.not(acceptsCoding(undefined, "gzip"));
});

header.run();
