import { textIn } from "@stoa/kernel";
import { type AttributeView, attributeViewSchema, keys } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { readModel } from "./read-model.ts";
import type { Facet } from "./search-answer.ts";

const PREFIX = "attr.";

type Attributes = ReadonlyMap<string, AttributeView>;

/** What was parsed last, with the text it was parsed from: product types change now and then. */
let last: { readonly body: string; readonly attributes: Attributes } | null = null;

/** What the shop says of attributes, by code and in the order in which they are shown. */
export async function readAttributes({ store }: Pick<EdgeDeps, "store">): Promise<Attributes> {
  const model = await readModel(store, keys.attributes());
  if (!model) return new Map();
  if (last?.body !== model.body) {
    const views = z.array(attributeViewSchema).parse(JSON.parse(model.body));
    last = { body: model.body, attributes: new Map(views.map((view) => [view.code, view])) };
  }
  return last.attributes;
}

/** A facet as shoppers read it. */
export interface NamedFacet {
  readonly field: string;
  readonly label?: string;
  readonly unit?: string;
  readonly values: readonly { readonly value: string; readonly label?: string; readonly count: number }[];
}

/** Facets under the shop's names and in its order, those that it does not offer left out; what no type defines comes last, as it is. */
export function namedFacets(
  facets: readonly Facet[],
  attributes: Attributes,
  ...locales: readonly string[]
): NamedFacet[] {
  const order = new Map([...attributes.keys()].map((code, index) => [PREFIX + code, index]));
  const placeOf = ({ field }: Facet) => (field.startsWith(PREFIX) ? (order.get(field) ?? attributes.size) : -1);
  return facets
    .toSorted((left, right) => placeOf(left) - placeOf(right))
    .flatMap((facet) => {
      const view = facet.field.startsWith(PREFIX) ? attributes.get(facet.field.slice(PREFIX.length)) : undefined;
      if (!view) return [facet];
      return view.isFacetable ? [named(facet, view, locales)] : [];
    });
}

function named({ field, values }: Facet, view: AttributeView, locales: readonly string[]): NamedFacet {
  const label = textIn(view.label, ...locales);
  const labels = new Map(view.choices?.map((choice) => [choice.value, textIn(choice.label, ...locales)]));
  return {
    field,
    ...(label !== "" && { label }),
    ...(view.unit !== undefined && { unit: view.unit }),
    values: values.map(({ value, count }) => {
      const called = labels.get(value);
      return { value, ...(called && { label: called }), count };
    }),
  };
}
