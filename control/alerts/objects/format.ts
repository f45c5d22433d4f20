import { Document, isMap, isSeq, visit } from "yaml";
import { z } from "zod";
import type { Kinds } from "./kind.ts";
import { API_VERSION } from "./object.ts";
import type { WrittenObject } from "./object.ts";

/** Collections of scalars that fit on a line of so many characters stand on one. */
const LINE_WIDTH = 80;
const TOP = ["apiVersion", "kind", "metadata", "disabled", "spec"];
const METADATA = ["name", "owner", "labels", "annotations"];

/** An object as YAML, the same for the same object whoever made it: fields in the order of their kind, short lists on a line. */
export function formatObject(object: WrittenObject, kinds: Kinds): string {
  const spec = kinds.get(object.kind)?.spec;
  const { metadata, spec: written, ...others } = object;
  const whole = ordered(
    {
      ...others,
      apiVersion: API_VERSION,
      metadata: ordered(metadata, METADATA),
      ...(written === undefined
        ? {}
        : { spec: ordered(written, spec instanceof z.ZodObject ? Object.keys(spec.shape) : []) }),
    },
    TOP,
  );
  const document = new Document(whole, { schema: "core", aliasDuplicateObjects: false });
  visit(document, {
    Collection: (_key, node, path) => {
      // The object, its metadata and its spec stand on lines of their own.
      const isShort = path.length > 3 && JSON.stringify(node.toJSON()).length <= LINE_WIDTH;
      if ((isSeq(node) || isMap(node)) && isShort) node.flow = true;
    },
  });
  return document.toString({ lineWidth: 120, flowCollectionPadding: false });
}

/** Fields in this order, and then those that are not in it, as they come. */
function ordered(fields: unknown, order: readonly string[]): unknown {
  if (typeof fields !== "object" || fields === null || Array.isArray(fields)) return fields;
  const given = fields as Readonly<Record<string, unknown>>;
  const names = [
    ...order.filter((name) => name in given),
    ...Object.keys(given).filter((name) => !order.includes(name)),
  ];
  return Object.fromEntries(names.filter((name) => given[name] !== undefined).map((name) => [name, given[name]]));
}
