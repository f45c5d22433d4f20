/** What user shows of its documents: hypertext with links, nothing secret. */
import type { StoredDocument } from "../../stores/documents.ts";
import type { Card, Customer, PostalAddress } from "./customer.ts";

const link = (entity: string, id: string, sub = ""): { href: string } => ({
  href: `http://user/${entity}/${id}${sub}`,
});

export function customerView({ id, document }: StoredDocument<Customer>) {
  const { username, firstName, lastName, email } = document;
  const _links = {
    self: link("customers", id),
    customer: link("customers", id),
    addresses: link("customers", id, "/addresses"),
    cards: link("customers", id, "/cards"),
  };
  return { id, username, firstName, lastName, email, _links };
}

export function cardView({ id, document }: StoredDocument<Card>) {
  const { longNum, expires } = document;
  const masked = longNum.slice(-4).padStart(longNum.length, "X");
  return { id, longNum: masked, expires, ccv: "***", _links: { self: link("cards", id), card: link("cards", id) } };
}

export function addressView({ id, document }: StoredDocument<PostalAddress>) {
  return { id, ...document, _links: { self: link("addresses", id), address: link("addresses", id) } };
}
