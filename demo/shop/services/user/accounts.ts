/** Customers with their cards and addresses, in PostgreSQL. */
import type { Lease } from "../../stores/lease.ts";
import { Documents, createDocumentTable, stockDocuments } from "../../stores/documents.ts";
import type { StoredDocument } from "../../stores/documents.ts";
import type { Postgres } from "../../stores/postgres.ts";
import type { Card, Customer, PostalAddress } from "./customer.ts";
import { firstCustomers } from "./first-customers.ts";

export class Accounts {
  readonly customers: Documents<Customer>;
  readonly cards: Documents<Card>;
  readonly addresses: Documents<PostalAddress>;

  constructor(lease: Lease<Postgres>) {
    this.customers = new Documents(lease, "customers");
    this.cards = new Documents(lease, "cards");
    this.addresses = new Documents(lease, "addresses");
  }

  /** Makes the tables and lets the first customers in. */
  static async prepare(postgres: Postgres): Promise<void> {
    const first = firstCustomers();
    const tables: Record<string, readonly StoredDocument<object>[]> = {
      customers: first.map(({ customer }) => customer),
      cards: first.map(({ card }) => card),
      addresses: first.map(({ address }) => address),
    };
    for (const [table, stock] of Object.entries(tables)) {
      await createDocumentTable(postgres, table);
      await stockDocuments(postgres, table, stock);
    }
  }
}
