/**
 * A process for tls.test.ts, which trusts what its environment says, as control does: sends a notification to the receiver whose spec
 * is argv[2], its secrets in the environment, and writes why that failed; nothing where it did not.
 */
import { firing } from "../fixtures.ts";
import { failureOf, notifierOf } from "../http-contract.ts";

const [, , spec = ""] = process.argv;
const { PASSWORD = "" } = process.env;
const error = await failureOf(notifierOf(JSON.parse(spec), { PASSWORD }), firing());
process.stdout.write(error?.message ?? "");
