import { execFile } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { SMTPServerOptions } from "smtp-server";
import { suite } from "uvu";
import * as assert from "uvu/assert";
import type { NotifyError } from "../../../../control/notify/notification.ts";
import { loud } from "../../../loud.ts";
import { firing } from "../fixtures.ts";
import { failureOf, notifierOf } from "../http-contract.ts";
import { type Certificate, certificate, hasOpenssl } from "./certificate.ts";
import { MailServer } from "./mail-server.ts";

const test = suite("email over TLS");
const encrypted = (name: string, work: () => Promise<void>): void =>
  hasOpenssl ? test(name, work) : test.skip(name, work);
const run = promisify(execFile);
const child = join(import.meta.dirname, "mail-child.ts");
let folder: string;
let own: Certificate;
let elses: Certificate;

test.before(
  loud(async () => {
    folder = await mkdtemp(join(tmpdir(), "sidelight-mail-"));
    if (!hasOpenssl) return;
    own = await certificate(folder, "IP:127.0.0.1");
    elses = await certificate(folder, "DNS:smtp.example");
  }),
);

test.after(() => rm(folder, { recursive: true }));

const PASSWORD = "hush-hush-9";
const SECURITIES = ["starttls", "tls"] as const;
type Security = (typeof SECURITIES)[number];

/** A mail server that takes nothing that comes unencrypted. */
async function during(
  security: Security,
  { key, cert }: Certificate,
  check: (server: MailServer, sawPassword: () => boolean) => Promise<void>,
): Promise<void> {
  let hasSeen = false;
  const options: SMTPServerOptions = {
    ...{ key, cert, secure: security === "tls", disabledCommands: [], authOptional: false, allowInsecureAuth: false },
    onAuth({ password }, { secure }, done) {
      hasSeen = true;
      done(null, secure && password === PASSWORD ? { user: "sidelight" } : {});
    },
  };
  const server = await MailServer.start(options);
  try {
    await check(server, () => hasSeen);
  } finally {
    await server.stop();
  }
}

const spec = (port: number, security: Security): object => ({
  email: {
    ...{ host: "127.0.0.1", port, security, username: "sidelight", password: { fromEnv: "PASSWORD" } },
    ...{ from: "sidelight@ops.example", to: ["oncall@ops.example"] },
  },
});

/** What sending ends in where the environment trusts this certificate. */
async function sentTrusting({ path }: Certificate, port: number, security: Security): Promise<string> {
  const args = ["--import", "tsx", child, JSON.stringify(spec(port, security))];
  const env = { ...process.env, NODE_EXTRA_CA_CERTS: path, PASSWORD };
  return (await run(process.execPath, args, { env })).stdout;
}

encrypted(
  "a mail goes over STARTTLS and over TLS to a server whose authority is trusted, password and all",
  async () => {
    for (const security of SECURITIES) {
      await during(security, own, async (server, sawPassword) => {
        assert.is(await sentTrusting(own, server.port, security), "", security);
        assert.equal([server.mails.length, sawPassword()], [1, true], security);
      });
    }
  },
);

encrypted("a certificate that nothing trusts gets neither mail nor password, and it is said what to set", async () => {
  for (const security of SECURITIES) {
    await during(security, own, async (server, sawPassword) => {
      const error = await failureOf(notifierOf(spec(server.port, security), { PASSWORD }), firing());
      assert.equal([server.mails.length, sawPassword()], [0, false], security);
      refusedFor(error, "NODE_EXTRA_CA_CERTS", security);
    });
  }
});

encrypted("so does the certificate of another host, trusted though it is", async () => {
  for (const security of SECURITIES) {
    await during(security, elses, async (server, sawPassword) => {
      const message = await sentTrusting(elses, server.port, security);
      assert.equal([server.mails.length, sawPassword()], [0, false], security);
      assert.match(message, "email.host must be a name that the certificate has", security);
    });
  }
});

encrypted("one kind of TLS where the server speaks the other", async () => {
  await during("tls", own, async ({ port }) => {
    const error = await failureOf(notifierOf(spec(port, "starttls"), { PASSWORD }), firing(), 1_000);
    assert.ok(error?.reason === "timeout" || error?.reason === "unreachable", error?.message);
  });
  await during("starttls", own, async ({ port }) => {
    refusedFor(await failureOf(notifierOf(spec(port, "tls"), { PASSWORD }), firing()), "email.security", "tls");
  });
});

function refusedFor(error: NotifyError | undefined, way: string, security: Security): void {
  assert.is(error?.reason, "unreachable", `${security}: ${error?.message}`);
  assert.match(error!.message, way, security);
}

if (!hasOpenssl) {
  process.stdout.write("skipped: email over TLS, since there is no openssl here that makes certificates\n");
}
test.run();
