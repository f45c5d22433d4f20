/** What the demo makes in a cluster is called. */

/** The shop. Its own pods have sidecars; nothing else is in it. */
export const SHOP_NAMESPACE = "sock-shop";
/** Its shoppers and its back office, which are no part of the mesh. */
export const LOAD_NAMESPACE = "sock-shop-load";
/** As deploy/sidelight.yaml says. */
export const SIDELIGHT_NAMESPACE = "sidelight";

/** The pod that sends what shoppers ask for. */
export const LOAD = "load";
export const BACK_OFFICE = "back-office";

/** Where the shop's processes and the load listen for those who run the demo. */
export const CONTROL_PORT = 8090;

/** Marks all that the demo makes, whatever namespace it is in. */
export const DEMO_LABEL = { "app.kubernetes.io/part-of": "sidelight-demo" } as const;

export const IMAGES = {
  sidelight: "localhost/sidelight:0.1.0",
  tap: "localhost/sidelight-tap:0.1.0",
  shop: "localhost/sidelight-demo-shop:0.1.0",
  stores: "localhost/sidelight-demo-stores:0.1.0",
} as const;
