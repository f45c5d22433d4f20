import { suite } from "uvu";
import * as assert from "uvu/assert";
import { Attribute, End, FilterOperator, attribute, filter, grouping } from "../../client/index.ts";

const conditions = suite("Filters and groupings as people write them");

conditions("an attribute, an operator and a value, of either end or of one", () => {
  const namespace = { attribute: Attribute.ATTRIBUTE_NAMESPACE, end: End.END_UNSPECIFIED };
  const caller = { attribute: Attribute.ATTRIBUTE_WORKLOAD, end: End.END_CLIENT };
  assert.equal(filter("namespace=shop"), {
    ...namespace,
    operator: FilterOperator.FILTER_OPERATOR_EQUALS,
    value: "shop",
  });
  assert.equal(filter("client.workload!=shop/cart").operator, FilterOperator.FILTER_OPERATOR_NOT_EQUALS);
  assert.equal(filter("client.workload!~^cart=.$"), {
    ...caller,
    operator: FilterOperator.FILTER_OPERATOR_NOT_MATCHES,
    value: "^cart=.$",
  });
  assert.is(filter("route~a\nb").value, "a\nb");
  assert.is(filter("method=").value, "");
  assert.equal(grouping("server.version"), { attribute: Attribute.ATTRIBUTE_VERSION, end: End.END_SERVER });
  assert.is(attribute("pod"), Attribute.ATTRIBUTE_POD);
});

conditions("what is none is refused with what there is", () => {
  assert.throws(() => filter("shop"), /one looks like namespace=shop/);
  assert.throws(
    () => filter("colour=red"),
    /no attribute "colour"; there are namespace, workload, service, pod, node, version/,
  );
  assert.throws(() => filter("middle.namespace=shop"), /no attribute "middle.namespace"/);
  assert.throws(() => grouping("unspecified"), /no attribute "unspecified"/);
});

conditions.run();
