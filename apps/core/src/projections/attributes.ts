import type { AttributeView } from "@stoa/read-models";
import type { ProductTypeDocument } from "../services/catalog/index.ts";

type Definition = ProductTypeDocument["attributes"][number];

/** What all types together say of attributes; the first type by code speaks for an attribute that several define. */
export function attributeViews(types: readonly Pick<ProductTypeDocument, "_id" | "attributes">[]): AttributeView[] {
  const views = new Map<string, AttributeView>();
  for (const type of types.toSorted((left, right) => (left._id < right._id ? -1 : 1))) {
    for (const definition of type.attributes) {
      if (!views.has(definition.code)) views.set(definition.code, viewOf(definition));
    }
  }
  return [...views.values()];
}

function viewOf(definition: Definition): AttributeView {
  const { code, label, isFacetable } = definition;
  const named = definition.kind === "choice" ? definition.choices.filter((choice) => hasText(choice.label)) : [];
  return {
    code,
    label,
    isFacetable,
    ...(definition.kind === "number" && definition.unit !== "" && { unit: definition.unit }),
    ...(named.length > 0 && { choices: named }),
  };
}

function hasText(texts: Readonly<Record<string, string>>): boolean {
  return Object.values(texts).some((text) => text !== "");
}
