/** A message of Slack's Block Kit (https://docs.slack.dev/reference/block-kit/blocks). */
import { andMore, cut } from "../speech.ts";
import type { Said } from "../speech.ts";

/** Slack's limits, in characters. */
const LIMITS = { header: 150, section: 3_000, field: 2_000, fields: 10, button: 75, url: 3_000, fallback: 4_000 };
const COLOURS = { firing: "#c9302c", resolved: "#2e8b57" };

/** The three signs that Slack reads; without them no text can mention anybody or make a link. */
export function escapeSlack(text: string): string {
  return text.replace(/&/g, "&amp;").replace(/</g, "&lt;").replace(/>/g, "&gt;");
}

export function slackMessage(said: Said): unknown {
  const text = cut(said.title, LIMITS.fallback);
  const blocks = [
    { type: "header", text: { type: "plain_text", text: cut(said.title, LIMITS.header), emoji: false } },
    ...said.notes.map((note) => section(`_${note}_`)),
    ...(said.ownText === undefined ? ownWords(said) : [section(said.ownText)]),
    ...buttons(said),
  ];
  // The fallback is what stands in notifications of a phone. A colour is there for attachments alone.
  return { text, attachments: [{ color: COLOURS[said.state], fallback: text, blocks }] };
}

function ownWords(said: Said): unknown[] {
  const fields = said.facts.slice(0, LIMITS.fields).map(({ name, text }) => mrkdwn(`*${name}*\n${text}`, LIMITS.field));
  const lines = said.alerts.map((line) => `• ${line}`);
  const more = andMore(said.moreAlerts);
  return [
    ...(said.title.length > LIMITS.header ? [section(said.title)] : []),
    ...(fields.length > 0 ? [{ type: "section", fields }] : []),
    section([...lines, ...(more === "" ? [] : [more])].join("\n")),
    ...(said.description === "" ? [] : [section(said.description)]),
  ];
}

function buttons({ links }: Said): unknown[] {
  const elements = links
    .filter(({ url }) => url.length <= LIMITS.url)
    .map(({ name, url }) => ({ type: "button", text: { type: "plain_text", text: cut(name, LIMITS.button) }, url }));
  return elements.length > 0 ? [{ type: "actions", elements }] : [];
}

function section(text: string): unknown {
  return { type: "section", text: mrkdwn(text, LIMITS.section) };
}

function mrkdwn(text: string, length: number): unknown {
  return { type: "mrkdwn", text: cut(text, length), verbatim: true };
}
