/** What is counted in other people's captures, a file a protocol in corpus/; together, so that each capture is read once. */
import { readdirSync } from "node:fs";
import { test } from "uvu";

const folder = new URL("corpus/", import.meta.url);
for (const file of readdirSync(folder).sort()) await import(new URL(file, folder).href);

test.run();
