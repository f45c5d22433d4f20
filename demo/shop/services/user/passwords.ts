import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import type { Customer } from "./customer.ts";

/**
 * Salted SHA-256. A real shop would use scrypt, which is slow on purpose; this one signs in several shoppers a second
 * on the machine that it demonstrates on.
 */
export function hashPassword(password: string, salt = randomBytes(8).toString("hex")) {
  return { salt, passwordHash: createHash("sha256").update(salt).update(password).digest("hex") };
}

export function isPasswordOf(
  { salt, passwordHash }: Pick<Customer, "salt" | "passwordHash">,
  password: string,
): boolean {
  return timingSafeEqual(Buffer.from(hashPassword(password, salt).passwordHash), Buffer.from(passwordHash));
}
