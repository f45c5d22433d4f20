/** Receivers and routes to begin with, as they are written here, and as they stand in a file of the folder of objects. */
import type { ReceiverKind } from "./receivers.ts";

/** In the UI a secret is written out; in a file of the folder it lies elsewhere. */
export type Place = "here" | "folder";

interface Example {
  /** What one needs for it. */
  readonly needs: string;
  /** @param secret how a secret is written: its text, or where it lies */
  readonly spec: (secret: (text: string, where: string) => string) => string;
}

const EXAMPLES: Readonly<Record<ReceiverKind, Example>> = {
  slack: {
    needs: "The address of an incoming webhook of Slack, or of what answers as it does, such as Mattermost.",
    spec: (secret) => `  slack:
    url: ${secret("https://hooks.slack.com/services/T000/B000/change-me", "fromFile: /etc/sidelight/slack-url")}
`,
  },
  email: {
    needs: "A mail server that takes mail from you, and a name and a password where it wants them.",
    spec: (secret) => `  email:
    host: smtp.example.com
    port: 587 # 465 with tls
    security: starttls # or tls; none only for a mail server beside control
    username: sidelight
    password: ${secret("change-me", "fromFile: /etc/sidelight/smtp-password")}
    from: Sidelight <sidelight@example.com>
    to: [oncall@example.com]
`,
  },
  webhook: {
    needs:
      "An address that takes a POST of JSON. With a secret each body is signed, so that it can be told to be ours.",
    spec: (secret) => `  webhook:
    url: ${secret("https://hooks.example.com/sidelight", "fromEnv: HOOK_URL")}
    secret: ${secret("change-me", "fromEnv: HOOK_SECRET")}
`,
  },
  pagerduty: {
    needs: "The integration key of “Events API V2” of a service at PagerDuty.",
    spec: (secret) => `  pagerduty:
    routingKey: ${secret("change-me", "fromFile: /etc/sidelight/pagerduty-key")}
    # url: https://events.eu.pagerduty.com/v2/enqueue # in Europe
`,
  },
  teams: {
    needs: "The address of the workflow “Post to a channel when a webhook request is received”.",
    spec: (secret) => `  teams:
    url: ${secret("https://example.webhook.office.com/change-me", "fromFile: /etc/sidelight/teams-url")}
`,
  },
  alertmanager: {
    needs: "The addresses of an Alertmanager, each instance of it: its routes and silences then decide who is told.",
    spec: (secret) => `  alertmanager:
    urls: [http://alertmanager:9093]
    bearerToken: ${secret("change-me", "fromFile: /etc/sidelight/alertmanager-token")}
`,
  },
};

export function needsOf(kind: ReceiverKind): string {
  return EXAMPLES[kind].needs;
}

export function receiverExample(kind: ReceiverKind, place: Place): string {
  const secret = (text: string, where: string): string => (place === "here" ? text : `{ ${where} }`);
  return `${headOf("Receiver", kind)}${EXAMPLES[kind].spec(secret)}`;
}

export const ROUTE_EXAMPLE = `${headOf("Route", "10-pages")}  matchers: [severity=critical] # all must hold; left out, it takes everything
  receivers: [pagerduty]
  continue: false # true: the routes after it look at it too
`;

function headOf(kind: string, name: string): string {
  return `apiVersion: sidelight.dev/v1\nkind: ${kind}\nmetadata: { name: ${name} }\nspec:\n`;
}
