/** An Adaptive Card in the message that a Workflows webhook of Microsoft Teams takes (https://adaptivecards.io/explorer/). */
import { andMore, cut } from "../speech.ts";
import type { Said } from "../speech.ts";

/** Characters. Teams takes 28 KB a message; a character has up to three bytes, and up to six where JSON escapes it. */
const LIMITS = { title: 300, text: 1_500, line: 200, fact: 200, url: 1_000 };
/** What a whole message may have, in bytes. */
export const MAX_CARD_BYTES = 28_000;

/** What Teams reads as Markdown, each made harmless. Lists begin lines, so only there their signs are read. */
export function escapeTeams(text: string): string {
  return text
    .replace(/[\\`*_[\]<>~|]/g, "\\$&")
    .replace(/^(\s*)([-+#])/gm, "$1\\$2")
    .replace(/^(\s*\d+)([.)])/gm, "$1\\$2");
}

export function teamsMessage(said: Said): unknown {
  const whole = message(said);
  if (Buffer.byteLength(JSON.stringify(whole)) <= MAX_CARD_BYTES) return whole;
  // The page behind the link has the rest.
  const moreAlerts = said.moreAlerts + said.alerts.length - 1;
  return message({
    ...said,
    alerts: said.alerts.slice(0, 1),
    moreAlerts,
    description: cut(said.description, LIMITS.line),
  });
}

function message(said: Said): unknown {
  const content = {
    $schema: "http://adaptivecards.io/schemas/adaptive-card.json",
    type: "AdaptiveCard",
    version: "1.4",
    msteams: { width: "Full" },
    body: [
      {
        ...textBlock(cut(said.title, LIMITS.title)),
        weight: "Bolder",
        size: "Medium",
        color: said.state === "firing" ? "Attention" : "Good",
      },
      ...said.notes.map((note) => ({ ...textBlock(note), isSubtle: true })),
      ...(said.ownText === undefined ? ownWords(said) : [textBlock(cut(said.ownText, LIMITS.text))]),
    ],
    actions: said.links
      .filter(({ url }) => url.length <= LIMITS.url)
      .map(({ name, url }) => ({ type: "Action.OpenUrl", title: name, url })),
  };
  const contentType = "application/vnd.microsoft.card.adaptive";
  return { type: "message", attachments: [{ contentType, contentUrl: null, content }] };
}

function ownWords(said: Said): unknown[] {
  const facts = said.facts.map(({ name, text }) => ({ title: name, value: cut(text, LIMITS.fact) }));
  const more = andMore(said.moreAlerts);
  const lines = [...said.alerts.map((line) => cut(line, LIMITS.line)), ...(more === "" ? [] : [more])];
  return [
    { type: "FactSet", facts },
    textBlock(lines.map((line) => `- ${line}`).join("\n")),
    ...(said.description === "" ? [] : [textBlock(cut(said.description, LIMITS.text))]),
  ];
}

function textBlock(text: string): { readonly type: "TextBlock"; readonly text: string; readonly wrap: true } {
  return { type: "TextBlock", text, wrap: true };
}
