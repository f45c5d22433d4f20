/** What the pages do in the browser: fetch, show, and order as a returning customer. */
/* global document, location */
const message = document.querySelector("#message");

async function ask(path, options = {}) {
  const answer = await fetch(path, options);
  if (!answer.ok) throw new Error(`${options.method ?? "GET"} ${path} answered ${answer.status}`);
  return answer.headers.get("content-type")?.includes("json") ? answer.json() : undefined;
}

const post = (path, body) =>
  ask(path, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body ?? {}) });

function button(label, act) {
  const element = document.createElement("button");
  element.textContent = label;
  element.addEventListener("click", () => act().catch(tell));
  return element;
}

function tell(error) {
  message.textContent = error instanceof Error ? error.message : error;
}

function card(sock) {
  const article = document.createElement("article");
  const image = Object.assign(document.createElement("img"), { src: sock.imageUrl[0], alt: "" });
  const name = Object.assign(document.createElement("a"), {
    href: `/detail.html?id=${sock.id}`,
    textContent: sock.name,
  });
  const text = Object.assign(document.createElement("p"), {
    textContent: `${sock.description} $${sock.price.toFixed(2)}`,
  });
  const add = button("Add to basket", async () => {
    await post("/cart", { id: sock.id });
    tell(`${sock.name} is in the basket.`);
  });
  article.append(image, name, text, add);
  return article;
}

async function showSocks(section) {
  const tag = new URLSearchParams(location.search).get("tags");
  const socks = await ask(section.dataset.socks + (tag ? `&tags=${encodeURIComponent(tag)}` : ""));
  section.replaceChildren(...socks.map(card));
}

async function showTags(nav) {
  const { tags } = await ask("/tags");
  nav.replaceChildren(
    ...tags.map((tag) => Object.assign(document.createElement("a"), { href: `?tags=${tag}`, textContent: tag })),
  );
}

async function showSock(section) {
  section.replaceChildren(card(await ask(`/catalogue/${new URLSearchParams(location.search).get("id")}`)));
}

async function showBasket(section) {
  const items = await ask("/cart");
  const lines = items.map((item) =>
    Object.assign(document.createElement("p"), { textContent: `${item.quantity} x $${item.unitPrice.toFixed(2)}` }),
  );
  const order = button("Order", async () => {
    const { id, total } = await post("/orders");
    await ask("/cart", { method: "DELETE" });
    section.replaceChildren();
    tell(`Order ${id} over $${total.toFixed(2)} is on its way.`);
  });
  section.replaceChildren(...lines, ...(items.length > 0 ? [order] : []));
}

const parts = {
  "[data-socks]": showSocks,
  "[data-tags]": showTags,
  "[data-sock]": showSock,
  "[data-basket]": showBasket,
};
for (const [selector, show] of Object.entries(parts)) {
  for (const element of document.querySelectorAll(selector)) show(element).catch(tell);
}

// The one customer whom the load leaves alone.
document.querySelector("#sign-in").addEventListener("click", () => {
  ask("/login", { headers: { authorization: `Basic ${btoa("customer-1:sock-1")}` } })
    .then(() => tell("Signed in as customer-1."))
    .catch(tell);
});
