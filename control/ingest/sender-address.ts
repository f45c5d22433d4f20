import type { Hello } from "#proto/ingest.ts";

/**
 * The Hello of a reporter whose mesh tells its proxies neither workload nor address, with the address that its stream comes
 * from; any other as it is.
 * @param sender "10.0.0.1:5432", "::ffff:10.0.0.1:5432"
 */
export function withSenderAddress(hello: Hello, sender: string): Hello {
  if ((hello.namespace && hello.workload) || hello.addresses.length > 0) return hello;
  const colon = sender.lastIndexOf(":");
  return colon < 0 ? hello : { ...hello, addresses: [sender.slice(0, colon)] };
}
