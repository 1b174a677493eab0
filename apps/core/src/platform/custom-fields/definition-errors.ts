import type { FieldError } from "@stoa/kernel";
import type { FieldDefinition, FieldEntity, FieldKind } from "./custom-field.ts";
import { charactersError, isPattern } from "./rules.ts";
import { valueError } from "./values.ts";

const filledInByShoppers: ReadonlySet<FieldEntity> = new Set(["customer", "order", "order_line", "return"]);
const inCatalog: ReadonlySet<FieldEntity> = new Set(["product", "variant"]);
const filterable: ReadonlySet<FieldKind> = new Set(["text", "integer", "decimal", "boolean", "date", "choice"]);
const searchable: ReadonlySet<FieldKind> = new Set(["text", "long_text", "integer", "choice"]);

/** What the shape of a definition cannot say: limits that leave room, and rights that fit together. */
export function definitionErrors(field: FieldDefinition): FieldError[] {
  const limits = limitErrors(field);
  if (limits.length > 0) return limits;
  return [...rightsErrors(field), ...defaultErrors(field)];
}

function limitErrors(field: FieldDefinition): FieldError[] {
  switch (field.kind) {
    case "text": {
      const isOpen = field.lengthMin <= field.lengthMax;
      const pattern = field.pattern === undefined || isPattern(field.pattern);
      return [
        ...failing(!isOpen, "lengthMax", "must not be below lengthMin"),
        ...failing(!pattern, "pattern", "is no regular expression of RE2"),
      ];
    }
    case "integer":
    case "decimal":
    case "date":
      return boundsErrors(field.min, field.max);
    case "datetime":
      // As texts, times with and without seconds, or parts of them, do not follow each other.
      return boundsErrors(momentOf(field.min), momentOf(field.max));
    case "choice": {
      const values = field.choices.map(({ value }) => value);
      return [
        ...failing(new Set(values).size < values.length, "choices", "a choice stands here twice"),
        ...failing(
          values.some(isNoLine),
          "choices",
          "a choice is one line without control characters or blanks around it",
        ),
      ];
    }
    case "long_text":
    case "boolean":
    case "reference":
    case "json":
      return [];
  }
}

function boundsErrors<T extends number | string>(min: T | undefined, max: T | undefined): FieldError[] {
  return failing(min !== undefined && max !== undefined && min > max, "max", "must not be below min");
}

function momentOf(time: string | undefined): number | undefined {
  return time === undefined ? undefined : Date.parse(time);
}

function isNoLine(text: string): boolean {
  return text !== text.trim() || charactersError(text, { breaks: false }) !== null;
}

function rightsErrors(field: FieldDefinition): FieldError[] {
  const { entity, kind, visibility, isShopperEditable, isFilterable, isSearchable } = field;
  const isShown = visibility === "shoppers";
  const isSimple = kind !== "json" && kind !== "reference";
  const editable = isShown && isSimple && filledInByShoppers.has(entity);
  const inLists = isShown && inCatalog.has(entity);
  // Shoppers know products and categories; nobody else's id is theirs to see, and an order names none of the catalog's ids either.
  const leadsSomewhere =
    kind !== "reference" || (!filledInByShoppers.has(entity) && (field.to === "product" || field.to === "category"));
  return [
    ...failing(
      isShopperEditable && !editable,
      "isShopperEditable",
      "only values of customers, orders, their lines and returns that shoppers see, neither JSON nor references",
    ),
    ...failing(
      isFilterable && !(inLists && filterable.has(kind)),
      "isFilterable",
      "only for short values of products and variants that shoppers see",
    ),
    ...failing(
      isSearchable && !(inLists && searchable.has(kind)),
      "isSearchable",
      "only for words of products and variants that shoppers see",
    ),
    ...failing(isShown && entity === "location", "visibility", "shoppers see no locations"),
    ...failing(isShown && !leadsSomewhere, "visibility", "such a reference is for staff"),
  ];
}

function defaultErrors(field: FieldDefinition): FieldError[] {
  if (field.defaultValue === undefined) return [];
  const message = valueError(field.defaultValue, field);
  return message ? failing(true, "defaultValue", message) : [];
}

function failing(fails: boolean, path: string, message: string): FieldError[] {
  return fails ? [{ path, message }] : [];
}
