import { fileURLToPath } from "node:url";

import { svelte } from "@sveltejs/vite-plugin-svelte";
import { defineConfig } from "vite";

const here = (path: string): string => fileURLToPath(new URL(path, import.meta.url));

/** Builds ui/ into build/ui. For development: SIDELIGHT_API=http://127.0.0.1:9480 npx vite -c ui/vite.config.ts */
export default defineConfig({
  root: here("."),
  plugins: [svelte({ configFile: here("./svelte.config.js") })],
  worker: { format: "es" },
  build: {
    outDir: here("../build/ui"),
    emptyOutDir: true,
    target: "es2022",
    // The font and the icons are fetched once and cached; inlining them would block the first paint.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: { proxy: { "/api": process.env["SIDELIGHT_API"] ?? "http://127.0.0.1:9480" } },
});
