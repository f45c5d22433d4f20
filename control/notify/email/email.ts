/** Email by SMTP. */
import { Socket } from "node:net";
import { createTransport } from "nodemailer";
import { z } from "zod";
import { READABLE_PER_MINUTE } from "../kind.ts";
import type { Kind, NotifierContext } from "../kind.ts";
import { secret } from "../secret.ts";
import { emailMessage } from "./message.ts";
import { notifyError } from "./smtp-error.ts";

const MAX_RECIPIENTS = 50;
/** Of one step of the protocol; the whole is bounded by the receiver's time-out. */
const STEP_MS = 60_000;

/** "oncall@example.com" or "On call <oncall@example.com>". */
const mailbox = z
  .string()
  .max(320)
  .regex(/^(?:[^<>@\r\n]*<[^\s<>@,;]+@[^\s<>@,;]+>|[^\s<>@,;]+@[^\s<>@,;]+)$/, {
    error: "must be an address such as oncall@example.com or On call <oncall@example.com>",
  });

const settings = z
  .strictObject({
    host: z.string().min(1).max(255),
    port: z.int().min(1).max(65_535).optional(),
    /** `starttls`: encrypted or not sent at all. `none` is for a mail server beside control. */
    security: z.enum(["starttls", "tls", "none"], { error: "must be starttls, tls or none" }).default("starttls"),
    username: z.string().min(1).max(320).optional(),
    password: secret.optional(),
    from: mailbox,
    to: z.array(mailbox).min(1).max(MAX_RECIPIENTS),
  })
  .refine(({ username, password }) => (username === undefined) === (password === undefined), {
    path: ["password"],
    error: "must be set with username, and only with it",
  });

type EmailSettings = z.output<typeof settings>;

export const email: Kind<EmailSettings> = {
  settings,
  maxPerMinute: READABLE_PER_MINUTE,
  make: (given, context) => ({
    async send(notification, signal) {
      const { from, to } = given;
      const { references, ...message } = emailMessage(notification, context.say, domainOf(from));
      await deliver({ ...message, from, to, references, inReplyTo: references }, { given, context, signal });
    },
  }),
};

interface Delivery {
  readonly given: EmailSettings;
  readonly context: NotifierContext;
  readonly signal: AbortSignal;
}

type Mail = Parameters<ReturnType<typeof createTransport>["sendMail"]>[0];

async function deliver(mail: Mail, { given, context, signal }: Delivery): Promise<void> {
  const { host, port, security, username, password } = given;
  const pass = password?.read(context.secrets);
  // nodemailer knows no signals: its connection is ended under it.
  const socket = new Socket();
  const end = (): void => void socket.destroy();
  signal.addEventListener("abort", end, { once: true });
  const transport = createTransport({
    ...{ host, socket, connectionTimeout: STEP_MS, greetingTimeout: STEP_MS, socketTimeout: STEP_MS },
    port: port ?? (security === "tls" ? 465 : 587),
    secure: security === "tls",
    requireTLS: security === "starttls",
    ignoreTLS: security === "none",
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(username !== undefined && { auth: { user: username, pass } }),
  });
  try {
    await transport.sendMail(mail);
  } catch (cause) {
    throw notifyError(cause, { secrets: [pass ?? ""], signal, wasGreeted: socket.bytesRead > 0 });
  } finally {
    signal.removeEventListener("abort", end);
    transport.close();
  }
}

function domainOf(mailbox: string): string {
  return /@([^>]+)>?$/.exec(mailbox)?.[1] ?? "";
}
