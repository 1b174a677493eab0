import { isId, type Json } from "@stoa/kernel";
import type { AttributeView, CustomFieldView } from "@stoa/read-models";
import {
  type CustomField,
  countMaxOf,
  type FieldValues,
  shownToShoppers,
  withDefaults,
} from "../platform/custom-fields/index.ts";
import type { CatalogFields } from "../services/catalog/index.ts";
import type { TextsContext } from "./product-texts.ts";

/** Name under which the values of a field are filtered by: a shop's attributes have names of their own. */
export const fieldAttribute = (key: string) => `custom.${key}`;

/**
 * What of something's own fields shoppers see, with what holds where there is no value. What leads to a product or a category is told
 * by its slug, and left out when that is gone.
 */
export function shownFields(
  values: FieldValues | undefined,
  fields: readonly CustomField[],
  context: Pick<TextsContext, "tree" | "slugs">,
): { readonly customFields?: FieldValues } {
  const shown = shownToShoppers(fields, withDefaults(fields, values ?? {}));
  const references = new Set(fields.flatMap(({ key, kind }) => (kind === "reference" ? [key] : [])));
  const told = Object.entries(shown).flatMap(([key, value]): [string, Json][] => {
    if (!references.has(key)) return [[key, value]];
    if (!Array.isArray(value)) {
      const slug = slugOf(value, context);
      return slug === undefined ? [] : [[key, slug]];
    }
    return [[key, value.flatMap((one) => slugOf(one, context) ?? [])]];
  });
  return told.length === 0 ? {} : { customFields: Object.fromEntries(told) };
}

function slugOf(id: Json, { tree, slugs }: Pick<TextsContext, "tree" | "slugs">): string | undefined {
  if (isId("cat", id)) return tree.byId.get(id)?.slug;
  return typeof id === "string" ? slugs.get(id) : undefined;
}

/** Which fields of products and variants narrow a list, and which find a product by their words. */
export interface FieldUses {
  readonly filterable: readonly string[];
  readonly searchable: readonly string[];
}

export function fieldUses({ product, variant }: CatalogFields): FieldUses {
  const keysOf = (uses: (field: CustomField) => boolean) => [
    ...new Set([...product, ...variant].filter(uses).map(({ key }) => key)),
  ];
  return { filterable: keysOf((field) => field.isFilterable), searchable: keysOf((field) => field.isSearchable) };
}

/** What facets of the shop's own fields are called. */
export function fieldViews({ product, variant }: CatalogFields): AttributeView[] {
  const views = [...product, ...variant].filter(({ isFilterable }) => isFilterable).map(viewOf);
  return [...new Map(views.map((view) => [view.code, view])).values()];
}

function viewOf(field: CustomField): AttributeView {
  const choices = field.kind === "choice" ? field.choices.filter(({ label }) => Object.keys(label).length > 0) : [];
  const { key, label } = field;
  return { code: fieldAttribute(key), label, isFacetable: true, ...(choices.length > 0 && { choices }) };
}

/** What storefronts need to show fields and ask for them. Archived ones take nothing in any more. */
export function customFieldViews(fields: readonly CustomField[]): CustomFieldView[] {
  return fields.filter(({ visibility, archivedAt }) => visibility === "shoppers" && archivedAt === null).map(fieldView);
}

function fieldView(field: CustomField): CustomFieldView {
  const { entity, key, kind, label, help, isRequired, isShopperEditable, isFilterable, defaultValue } = field;
  const named = { entity, key, kind, label, help };
  const uses = {
    isRequired,
    isEditable: isShopperEditable,
    ...(isFilterable && { filter: `attr.${fieldAttribute(key)}` }),
  };
  const given = { ...(defaultValue !== undefined && { defaultValue }), countMax: countMaxOf(field) };
  return { ...named, ...uses, ...given, ...limitsOf(field) };
}

function limitsOf(field: CustomField): Partial<CustomFieldView> {
  switch (field.kind) {
    case "text": {
      const { lengthMin, lengthMax, pattern } = field;
      return { lengthMin, lengthMax, ...(pattern !== undefined && { pattern }) };
    }
    case "long_text":
      return { lengthMax: field.lengthMax };
    case "decimal":
      return { digits: field.digits, ...boundsOf(field.min, field.max) };
    case "integer":
    case "date":
    case "datetime":
      return boundsOf(field.min, field.max);
    case "choice":
      return { choices: field.choices };
    case "boolean":
    case "reference":
    case "json":
      return {};
  }
}

type Bound = string | number | undefined;

function boundsOf(min: Bound, max: Bound) {
  return { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
}
