/** The customers that the shop opens with, each with a card and an address. */
import type { StoredDocument } from "../../stores/documents.ts";
import type { Card, Customer, PostalAddress } from "./customer.ts";
import { hashPassword } from "./passwords.ts";

export const FIRST_CUSTOMERS = 50;

/** What customer number `index` (from 0) signs in with. */
export function firstCustomerLogin(index: number): { username: string; password: string } {
  return { username: `customer-${index + 1}`, password: `sock-${index + 1}` };
}

export interface FirstCustomer {
  readonly customer: StoredDocument<Customer>;
  readonly card: StoredDocument<Card>;
  readonly address: StoredDocument<PostalAddress>;
}

const FIRST_NAMES = ["Ada", "Bela", "Cleo", "Dara", "Emil", "Femi", "Gita", "Hugo", "Ines", "Jori"];
const LAST_NAMES = ["Archer", "Brook", "Cooper", "Draper", "Fuller"];
const CITIES = ["Utrecht", "Zwolle", "Delft", "Breda", "Leiden"];

export function firstCustomers(): FirstCustomer[] {
  return Array.from({ length: FIRST_CUSTOMERS }, (_, index) => {
    const { username, password } = firstCustomerLogin(index);
    const owner = stockId("c", index);
    const firstName = pick(FIRST_NAMES, index);
    const lastName = pick(LAST_NAMES, Math.floor(index / FIRST_NAMES.length));
    const email = `${username}@shop.example`;
    return {
      customer: {
        id: owner,
        owner: username,
        document: { username, firstName, lastName, email, ...hashPassword(password, stockId("5", index)) },
      },
      card: {
        id: stockId("d", index),
        owner,
        document: { longNum: `550000000000${4000 + index}`, expires: "08/29", ccv: String(100 + index) },
      },
      address: {
        id: stockId("a", index),
        owner,
        document: {
          street: "Weaver Lane",
          number: String(index + 1),
          city: pick(CITIES, index),
          postcode: String(10_000 + index),
          country: "Netherlands",
        },
      },
    };
  });
}

/** 24 hexadecimal digits that are the same at every start. */
function stockId(kind: string, index: number): string {
  return `57a98d98e4b0${kind.padStart(4, "0")}${index.toString(16).padStart(8, "0")}`;
}

function pick(from: readonly string[], index: number): string {
  return from[index % from.length] ?? "";
}
