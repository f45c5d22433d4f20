import { z } from "zod";

/** Where a socket listens or connects to. */
export interface Address {
  readonly host: string;
  readonly port: number;
}

/** Parses `host:port`; an IPv6 host stands in brackets. */
export const addressSchema = z.string().transform((text, context): Address => {
  const match = /^(?:\[([0-9a-f:]+)\]|([^:[\]\s]+)):(\d{1,5})$/i.exec(text);
  const host = match?.[1] ?? match?.[2];
  const port = Number(match?.[3]);
  if (host === undefined || port > 65535) {
    context.addIssue({ code: "custom", message: `"${text}" is not host:port, such as 127.0.0.1:8080` });
    return z.NEVER;
  }
  return { host, port };
});
