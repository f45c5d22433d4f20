/** What user keeps of a customer. */

/** The owner of a customer is the user name; that of a card or address is the customer's id. */
export interface Customer {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
  readonly email: string;
  readonly salt: string;
  readonly passwordHash: string;
}

export interface Card {
  readonly longNum: string;
  readonly expires: string;
  readonly ccv: string;
}

export interface PostalAddress {
  readonly street: string;
  readonly number: string;
  readonly city: string;
  readonly postcode: string;
  readonly country: string;
}
