import { fileURLToPath } from "node:url";

/** The root of the clone, or of what an image has of it. */
export const projectRoot = fileURLToPath(new URL("..", import.meta.url)).replace(/\/$/, "");
