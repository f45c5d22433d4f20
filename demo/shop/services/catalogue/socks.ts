/** What the shop sells. */

export interface Sock {
  readonly id: string;
  readonly name: string;
  readonly description: string;
  readonly price: number;
  readonly count: number;
  readonly colours: readonly [string, string];
  readonly tags: readonly string[];
}

function sock(number: number, fields: Omit<Sock, "id" | "count">): Sock {
  const id = `5ec0d0${number.toString(16).padStart(2, "0")}-71de-4a11-8c0f-50c25f007${number.toString().padStart(3, "0")}`;
  return { id, count: 100 + number * 7, ...fields };
}

/* prettier-ignore */
export const SOCKS: readonly Sock[] = [
  sock(1, { name: "Left Only", price: 7.5, colours: ["#b4532a", "#f2e6d8"], tags: ["brown", "sport"],
    description: "For everyone who always loses the right one." }),
  sock(2, { name: "North Face of the Laundry", price: 15, colours: ["#27496d", "#d6e4f0"], tags: ["blue", "warm"],
    description: "Merino, and a lining that has seen weather." }),
  sock(3, { name: "Loopback", price: 12.7, colours: ["#2f6f4f", "#e3f1e8"], tags: ["green", "geek"],
    description: "Goes all the way round and comes back to you." }),
  sock(4, { name: "Half Open", price: 9.99, colours: ["#7a4b94", "#efe4f5"], tags: ["purple", "geek"],
    description: "You put one foot in, and wait for the other to answer." }),
  sock(5, { name: "Sunday Marathon", price: 18.4, colours: ["#c0392b", "#fbe9e7"], tags: ["red", "sport"],
    description: "Padded where the second half of the way hurts." }),
  sock(6, { name: "Office Grey", price: 6.2, colours: ["#5f6b73", "#eceff1"], tags: ["grey", "formal"],
    description: "Nobody ever asked about them. That is the point." }),
  sock(7, { name: "Lemon Zebra", price: 11.3, colours: ["#c9a400", "#fffbe0"], tags: ["yellow", "sport"],
    description: "Stripes that can be heard." }),
  sock(8, { name: "Wool of Steel", price: 24.5, colours: ["#37474f", "#b0bec5"], tags: ["grey", "warm"],
    description: "Knitted thick enough to stand up alone." }),
  sock(9, { name: "Keep Alive", price: 14.1, colours: ["#00796b", "#e0f2f1"], tags: ["green", "warm"],
    description: "Still warm long after you have stopped walking." }),
  sock(10, { name: "Opening Night", price: 49.9, colours: ["#1c1c28", "#d4af37"], tags: ["black", "formal"],
    description: "Silk. To be taken out of the box twice a year." }),
  sock(11, { name: "Crown Jewels", price: 99.99, colours: ["#6a1b9a", "#ffd54f"], tags: ["purple", "formal"],
    description: "One pair is a treat. Two pairs are more than payment will stand." }),
  sock(12, { name: "Blue Screen", price: 10.8, colours: ["#1565c0", "#e3f2fd"], tags: ["blue", "geek"],
    description: "Everything stops, and you have cold feet no more." }),
];

/** A drawing of a pair of socks, so that the shop needs no picture files. */
export function drawSock([main, light]: readonly [string, string]): string {
  const one = `<path d="M30 10h34v52l26 24a14 14 0 0 1-18 22L34 82a12 12 0 0 1-4-9z" fill="${main}"/>
<path d="M30 10h34v12H30zM30 34h34v7H30zM30 50h34v7H30z" fill="${light}"/>`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 140 120" width="280" height="240">
<g opacity=".55" transform="translate(26 0)">${one}</g><g transform="translate(4 4)">${one}</g></svg>\n`;
}
