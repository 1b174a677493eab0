import { malformed, notFound } from "../errors.ts";
import { isArray, isObject, type Json, type JsonObject, valueAt, withValueAt } from "../json.ts";
import type { TokenRules } from "../tokens.ts";
import { coerceField, type DirtyValues } from "./coerce.ts";
import {
  collectionShape,
  describe,
  type Field,
  type FieldType,
  isPattern,
  isText,
  parseField,
  sortsByDefault,
} from "./field.ts";

/** What of a schema is kept on disk. */
export interface SchemaRecord {
  readonly name: string;
  readonly createdAt: number;
  readonly defaultSortingField: string;
  readonly tokenSeparators: readonly string[];
  readonly symbolsToIndex: readonly string[];
  readonly enableNestedFields: boolean;
  readonly metadata: JsonObject | null;
  readonly synonymSets: readonly string[];
  readonly curationSets: readonly string[];
  /** As declared, patterns among them. */
  readonly fields: readonly Field[];
}

/** Reads the body of `POST /collections`. */
export function parseSchema(body: Json, createdAt: number): SchemaRecord {
  const parsed = collectionShape.safeParse(body);
  if (!parsed.success) throw malformed(`Bad collection schema: ${describe(parsed.error)}`);
  const { fields: declared, ...rest } = parsed.data;
  if (!declared || declared.length === 0)
    throw malformed(
      "The `fields` value should be an array of objects containing `name`, `type` and optionally, `facet` properties.",
    );
  const fields = declared.map(parseField);
  const nested = fields.find(
    (field) => field.type.startsWith("object") || (!isPattern(field) && field.name.includes(".")),
  );
  if (nested && !rest.enable_nested_fields) {
    throw malformed(
      `Type \`object\` or \`object[]\` can be used only when nested fields are enabled by setting\` enable_nested_fields\` to true.`,
    );
  }
  const names = new Set(fields.map((field) => field.name));
  if (names.size < fields.length) throw malformed("There are duplicate field names in the schema.");
  const byDefault = fields.find((field) => field.name === rest.default_sorting_field);
  if (rest.default_sorting_field !== "" && !byDefault) {
    throw malformed(
      `Default sorting field is defined as \`${rest.default_sorting_field}\` but is not found in the schema.`,
    );
  }
  return {
    name: rest.name,
    createdAt,
    defaultSortingField: rest.default_sorting_field,
    tokenSeparators: rest.token_separators,
    symbolsToIndex: rest.symbols_to_index,
    enableNestedFields: rest.enable_nested_fields,
    metadata: rest.metadata ?? null,
    synonymSets: rest.synonym_sets,
    curationSets: rest.curation_sets,
    fields,
  };
}

/** The fields of a collection: those declared, and those that documents have brought under a pattern or an object. */
export class Schema {
  readonly #fields = new Map<string, Field>();
  readonly #patterns: readonly { readonly field: Field; readonly expression: RegExp }[];
  readonly #rules: TokenRules;
  readonly #fieldRules = new Map<string, TokenRules>();

  constructor(readonly record: SchemaRecord) {
    for (const field of record.fields)
      if (!isPattern(field) && field.type !== "auto") this.#fields.set(field.name, field);
    const loose = record.fields.filter((field) => isPattern(field) || field.type === "auto");
    this.#patterns = loose.map((field) => ({ field, expression: new RegExp(`^(?:${field.name})$`) }));
    this.#rules = { separators: new Set(record.tokenSeparators), symbols: new Set(record.symbolsToIndex) };
  }

  field(name: string): Field | undefined {
    return this.#fields.get(name);
  }

  /** A field that is indexed; refused by name when there is none. */
  indexed(name: string, purpose: string): Field {
    const field = this.#fields.get(name);
    if (!field) throw notFound(`Could not find a ${purpose} named \`${name}\` in the schema.`);
    if (!field.index) throw malformed(`Field \`${name}\` is marked as a non-indexed field in the schema.`);
    return field;
  }

  /** Whether some fields stand for whatever documents bring along. */
  get learnsFields(): boolean {
    return this.#patterns.length > 0;
  }

  /** How many fields there are; grows with each that is learned. */
  get size(): number {
    return this.#fields.size;
  }

  all(): readonly Field[] {
    return [...this.#fields.values()];
  }

  textFields(): string[] {
    return this.all()
      .filter((field) => isText(field.type) && field.index)
      .map((field) => field.name);
  }

  tokenRules(name: string): TokenRules {
    const field = this.#fields.get(name);
    if (!field?.token_separators && !field?.symbols_to_index) return this.#rules;
    const rules = this.#fieldRules.get(name) ?? {
      separators: field.token_separators ? new Set(field.token_separators) : this.#rules.separators,
      symbols: field.symbols_to_index ? new Set(field.symbols_to_index) : this.#rules.symbols,
    };
    this.#fieldRules.set(name, rules);
    return rules;
  }

  /** As the API shows it. */
  view(documentCount: number): JsonObject {
    const { record } = this;
    const declared = record.fields.filter((field) => !this.#fields.has(field.name));
    return {
      name: record.name,
      created_at: record.createdAt,
      num_documents: documentCount,
      default_sorting_field: record.defaultSortingField,
      enable_nested_fields: record.enableNestedFields,
      token_separators: record.tokenSeparators,
      symbols_to_index: record.symbolsToIndex,
      synonym_sets: record.synonymSets,
      curation_sets: record.curationSets,
      ...(record.metadata ? { metadata: record.metadata } : {}),
      fields: [...declared, ...this.all()].map((field) => JSON.parse(JSON.stringify(field))),
    };
  }

  /** The document as it may be stored. Learns fields that come under a pattern or an object. */
  admit(document: JsonObject, dirty: DirtyValues): JsonObject {
    this.#learn(document, "");
    let admitted = document;
    for (const field of this.#fields.values()) {
      const value = valueAt(admitted, field.name);
      if (value === undefined || value === null) {
        if (!field.optional && field.index) {
          throw malformed(`Field \`${field.name}\` has been declared in the schema, but is not found in the document.`);
        }
        continue;
      }
      const coerced = coerceField(field, value, dirty);
      if (coerced !== value) admitted = withValueAt(admitted, field.name, coerced);
    }
    return admitted;
  }

  #learn(object: JsonObject, prefix: string, inArray = false): void {
    for (const [name, value] of Object.entries(object)) {
      const path = prefix + name;
      if (path === "id" || value === null) continue;
      if (!this.#fields.has(path)) this.#learnField(path, value, inArray);
      const isNested = this.record.enableNestedFields;
      if (isNested && isObject(value)) this.#learn(value, `${path}.`, inArray);
      else if (isNested && isArray(value)) {
        for (const item of value) if (isObject(item)) this.#learn(item, `${path}.`, true);
      }
    }
  }

  #learnField(path: string, value: Json, inArray: boolean): void {
    const parent = this.#parentObject(path);
    const pattern = this.#patterns.find(({ expression }) => expression.test(path))?.field;
    const source = pattern ?? parent;
    if (!source) return;
    const declared = pattern && pattern.type !== "auto" ? pattern.type : null;
    const type = declared === "string*" ? textType(value) : (declared ?? inferType(value, inArray));
    if (type === null || (!this.record.enableNestedFields && type.startsWith("object"))) return;
    this.#fields.set(path, { ...source, name: path, type, optional: true, sort: source.sort || sortsByDefault(type) });
  }

  #parentObject(path: string): Field | undefined {
    for (let end = path.lastIndexOf("."); end > 0; end = path.lastIndexOf(".", end - 1)) {
      const parent = this.#fields.get(path.slice(0, end));
      if (parent?.type.startsWith("object")) return parent;
    }
    return undefined;
  }
}

const textType = (value: Json): FieldType => (isArray(value) ? "string[]" : "string");

/** What `auto` makes of a value; null when it tells nothing, as an empty array. */
function inferType(value: Json, inArray: boolean): FieldType | null {
  const sample = isArray(value) ? value[0] : value;
  const suffix = isArray(value) || inArray ? "[]" : "";
  switch (typeof sample) {
    case "string":
      return `string${suffix}`;
    case "boolean":
      return `bool${suffix}`;
    case "number":
      return Number.isInteger(sample) ? `int64${suffix}` : `float${suffix}`;
    default:
      return isObject(sample) ? (isArray(value) ? "object[]" : "object") : null;
  }
}
