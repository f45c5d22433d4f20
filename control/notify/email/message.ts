/** A notification as an email: text and HTML, in one thread for each incident. */
import { createHash } from "node:crypto";
import type { Notification } from "../notification.ts";
import { andMore, asIs, cut } from "../speech.ts";
import type { Said, Say } from "../speech.ts";

const MAX_SUBJECT = 200;

export interface EmailMessage {
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly messageId: string;
  /** What all mails of one incident refer to. */
  readonly references: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** @param domain what ids of mails end in: the sender's */
export function emailMessage(notification: Notification, say: Say, domain: string): EmailMessage {
  const plain = say(notification, asIs);
  return {
    subject: cut(plain.title.replace(/\s+/g, " "), MAX_SUBJECT),
    text: textOf(plain),
    html: htmlOf(say(notification, escapeHtml)),
    messageId: idOf(notification.id, domain),
    references: idOf(notification.incident.id, domain),
    // So that nobody's absence note answers, and lists see what it is (RFC 3834).
    headers: { "Auto-Submitted": "auto-generated", "X-Sidelight-Incident": hashOf(notification.incident.id) },
  };
}

export function escapeHtml(text: string): string {
  const signs: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&#39;",
  };
  return text.replace(/[&<>"']/g, (sign) => signs[sign]!);
}

/** The same for the same thing, so that a mail that is sent twice is shown once. */
function idOf(id: string, domain: string): string {
  return `<${hashOf(id)}@${domain}>`;
}

function hashOf(id: string): string {
  return createHash("sha256").update(id).digest("hex").slice(0, 32);
}

function textOf(said: Said): string {
  const more = andMore(said.moreAlerts);
  const own = [
    said.facts.map(({ name, text }) => `${name}: ${text}`).join("\n"),
    [...said.alerts, ...(more === "" ? [] : [more])].map((line) => `- ${line}`).join("\n"),
    said.description,
  ];
  const links = said.links.map(({ name, url }) => `${name}: ${url}`).join("\n");
  const parts = [said.title, ...said.notes, ...(said.ownText === undefined ? own : [said.ownText]), links];
  return `${parts.filter((part) => part !== "").join("\n\n")}\n`;
}

function htmlOf(said: Said): string {
  const colour = said.state === "firing" ? "#c9302c" : "#2e8b57";
  const more = andMore(said.moreAlerts);
  const rows = said.facts.map(
    ({ name, text }) => `<tr><td style="padding-right:1em">${name}</td><td>${text}</td></tr>`,
  );
  const items = [...said.alerts, ...(more === "" ? [] : [more])].map((line) => `<li>${line}</li>`);
  const own = [`<table>${rows.join("")}</table>`, `<ul>${items.join("")}</ul>`, paragraph(said.description)];
  const links = said.links.map(({ name, url }) => `<a href="${escapeHtml(url)}">${name}</a>`).join(" · ");
  return [
    `<!doctype html><html><body style="font-family:sans-serif">`,
    `<h2 style="border-left:6px solid ${colour};padding-left:.5em">${said.title}</h2>`,
    ...said.notes.map((note) => `<p><em>${note}</em></p>`),
    ...(said.ownText === undefined ? own : [paragraph(said.ownText)]),
    paragraph(links),
    "</body></html>",
  ].join("\n");
}

function paragraph(html: string): string {
  return html === "" ? "" : `<p>${html.replace(/\n/g, "<br>")}</p>`;
}
