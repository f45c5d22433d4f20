/** `kind: Mute`: alerts that nobody is told of for a time. */
import type { z } from "zod";
import { matchers } from "./conditions.ts";
import { fields, readBy } from "./fields.ts";
import type { Kind } from "./kind.ts";
import { text } from "./parts.ts";
import { parseInstant } from "./quantities.ts";

const instant = readBy(parseInstant, "2026-03-01T10:00:00Z");
const said = text.min(1, "must not be empty");

const muteSpec = fields({ matchers, from: instant, to: instant, author: said, reason: said }).refine(
  ({ from, to }) => from < to,
  { error: "must be after `from`", path: ["to"] },
);

export type MuteSpec = z.infer<typeof muteSpec>;

export const MUTE: Kind<MuteSpec> = { name: "Mute", family: "mute", spec: muteSpec };
