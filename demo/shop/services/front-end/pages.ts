/** The pages that a visitor sees. They are shells: their script fetches what they show, as in the original. */
import type { Hono } from "hono";
import { readFileSync } from "node:fs";

const read = (file: string): string => readFileSync(new URL(`assets/${file}`, import.meta.url), "utf8");

/** Path of a page: its title and what stands in it before the script has run. */
const PAGES: Readonly<Record<string, { title: string; main: string }>> = {
  "/": { title: "Socks", main: `<section data-socks="/catalogue?size=6"></section>` },
  "/category.html": {
    title: "All socks",
    main: `<nav data-tags></nav><section data-socks="/catalogue?size=100"></section>`,
  },
  "/detail.html": { title: "Sock", main: `<section data-sock></section>` },
  "/basket.html": { title: "Basket", main: `<section data-basket></section>` },
};

export function addPages(app: Hono): void {
  const style = read("shop.css");
  const script = read("shop.mjs");
  app.get("/shop.css", (c) => c.body(style, 200, { "content-type": "text/css", "cache-control": "max-age=3600" }));
  app.get("/shop.js", (c) =>
    c.body(script, 200, { "content-type": "text/javascript", "cache-control": "max-age=3600" }),
  );
  for (const [path, { title, main }] of Object.entries(PAGES)) {
    const html = renderPage(title, main);
    app.get(path, (c) => c.html(html));
  }
}

function renderPage(title: string, main: string): string {
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>${title} - the demo's sock shop</title>
<link rel="stylesheet" href="/shop.css"><link rel="icon" href="data:,">
<header><a href="/">Sock shop</a><a href="/category.html">All socks</a><a href="/basket.html">Basket</a>
<button id="sign-in">Sign in</button></header>
<main><h1>${title}</h1>${main}<p id="message" role="status"></p></main>
<script src="/shop.js" type="module"></script>
</html>
`;
}
