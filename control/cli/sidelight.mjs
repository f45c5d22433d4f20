#!/usr/bin/env node
// Runs the TypeScript beside it: tsx is found from here, wherever the command was called from.
import { register } from "tsx/esm/api";

register();
await import("./main.ts");
