import type { Texts } from "@stoa/kernel";
import { z } from "zod";
import {
  type CustomField,
  type Draft,
  draftOf,
  type FieldDefinition,
  type FieldEntity,
  type FieldKind,
  type FieldShape,
  readDraft,
} from "../../fields/field.ts";

/** A definition as it is typed: numbers as texts, choices one a line. */
export interface DefinitionForm {
  readonly entity: FieldEntity;
  readonly key: string;
  readonly kind: FieldKind;
  readonly label: Texts;
  readonly help: Texts;
  readonly isRequired: boolean;
  readonly isShown: boolean;
  readonly isShopperEditable: boolean;
  readonly isFilterable: boolean;
  readonly isSearchable: boolean;
  readonly isPersonal: boolean;
  readonly defaultValue: Draft;
  readonly countMax: string;
  readonly lengthMin: string;
  readonly lengthMax: string;
  readonly pattern: string;
  readonly min: string;
  readonly max: string;
  readonly digits: string;
  readonly choices: string;
  readonly to: "product" | "category" | "customer" | "order";
  readonly bytesMax: string;
}

export function emptyForm(entity: FieldEntity): DefinitionForm {
  const rights = {
    isRequired: false,
    isShown: false,
    isShopperEditable: false,
    isFilterable: false,
    isSearchable: false,
  };
  const numbers = { countMax: "1", lengthMin: "0", lengthMax: "200", min: "", max: "", digits: "2", bytesMax: "4096" };
  const texts = { key: "", pattern: "", choices: "", defaultValue: "" };
  return {
    entity,
    kind: "text",
    label: {},
    help: {},
    isPersonal: true,
    to: "product",
    ...rights,
    ...numbers,
    ...texts,
  };
}

export function formOf(field: CustomField, locale: string): DefinitionForm {
  const { entity, key, kind, label, help, isRequired, isShopperEditable, isFilterable, isSearchable, isPersonal } =
    field;
  const text = (value: string | number | undefined) => (value === undefined ? "" : String(value));
  return {
    ...emptyForm(entity),
    ...{ key, kind, label, help, isRequired, isShopperEditable, isFilterable, isSearchable, isPersonal },
    isShown: field.visibility === "shoppers",
    defaultValue: draftOf(field.defaultValue, field),
    ...("countMax" in field && { countMax: text(field.countMax) }),
    ...("lengthMax" in field && { lengthMax: text(field.lengthMax) }),
    ...(field.kind === "text" && { lengthMin: text(field.lengthMin), pattern: field.pattern ?? "" }),
    ...("min" in field && { min: text(field.min) }),
    ...("max" in field && { max: text(field.max) }),
    ...(field.kind === "decimal" && { digits: text(field.digits) }),
    ...(field.kind === "choice" && { choices: choicesText(field.choices, locale) }),
    ...(field.kind === "reference" && { to: field.to }),
    ...(field.kind === "json" && { bytesMax: text(field.bytesMax) }),
  };
}

type Choices = readonly { readonly value: string; readonly label?: Texts | undefined }[];

/** One a line, with its name behind a bar where it has one; a bar of the value's own is written `\\|`. */
export function choicesText(choices: Choices, locale: string): string {
  const written = (value: string) => value.replace(/\\(?=[\\|])|\|/g, "\\$&");
  const line = ({ value, label }: Choices[number]) =>
    label?.[locale] ? `${written(value)} | ${label[locale]}` : written(value);
  return choices.map(line).join("\n");
}

/** Names in other languages stay with their value. */
export function readChoices(text: string, present: Choices, locale: string) {
  const known = new Map(present.map(({ value, label }) => [value, label]));
  return text.split("\n").flatMap((line) => {
    const [, written = "", name = ""] =
      /^((?:\\[\\|]|[^|])*)(?:\|(.*))?$/.exec(line)?.map((part = "") => part.trim()) ?? [];
    const value = written.replace(/\\([\\|])/g, "$1");
    if (value === "") return [];
    const { [locale]: _, ...others } = known.get(value) ?? {};
    return [{ value, label: name === "" ? others : { ...others, [locale]: name } }];
  });
}

/** What an input for values of the field would have to know, as far as it is typed. */
export function shapeOf(form: DefinitionForm, locale: string): FieldShape {
  const { kind, to } = form;
  const countMax = canBeSeveral(kind) ? Number(form.countMax) || 1 : 1;
  return { kind, to, countMax, choices: readChoices(form.choices, [], locale) };
}

export function canBeSeveral(kind: FieldKind): boolean {
  return !["long_text", "boolean", "json"].includes(kind);
}

export interface WrittenForm {
  readonly form: DefinitionForm;
  /** The field that is changed; null for a new one. */
  readonly before: CustomField | null;
  readonly locale: string;
}

/** What core is to keep, or what cannot be read of it by the member's name. */
export function definitionOf({ form, before, locale }: WrittenForm): FieldDefinition | ReadonlyMap<string, string> {
  const numbers = readNumbers(form);
  const read = readDraft(form.defaultValue, shapeOf(form, locale));
  const wrong = new Map(numbers.wrong);
  if (read.kind === "wrong") wrong.set("defaultValue", read.reason);
  if (wrong.size > 0) return wrong;
  const { entity, key, label, help, isRequired, isFilterable, isSearchable, isPersonal } = form;
  const value = read.kind === "value" && read.value !== null ? { defaultValue: read.value } : {};
  const shared = {
    ...{ entity, key, label: spoken(label), help: spoken(help), isRequired, isFilterable, isSearchable, isPersonal },
    visibility: form.isShown ? ("shoppers" as const) : ("staff" as const),
    isShopperEditable: form.isShopperEditable,
    ...value,
  };
  return kindOf(form, shared, { numbers: numbers.read, before, locale });
}

type Shared = Omit<Extract<FieldDefinition, { kind: "boolean" }>, "kind">;
type Numbers = ReturnType<typeof readNumbers>["read"];
type KindContext = Pick<WrittenForm, "before" | "locale"> & { readonly numbers: Numbers };

function kindOf(form: DefinitionForm, shared: Shared, { numbers, before, locale }: KindContext): FieldDefinition {
  const { countMax, lengthMin, lengthMax, digits, bytesMax, min, max } = numbers;
  const { kind, pattern, to } = form;
  const range = { ...(min !== undefined && { min }), ...(max !== undefined && { max }) };
  const days = { ...(form.min !== "" && { min: form.min }), ...(form.max !== "" && { max: form.max }) };
  switch (kind) {
    case "text":
      return { ...shared, kind, countMax, lengthMin, lengthMax, ...(pattern !== "" && { pattern }) };
    case "long_text":
      return { ...shared, kind, lengthMax };
    case "integer":
      return { ...shared, kind, countMax, ...range };
    case "decimal":
      return { ...shared, kind, countMax, digits, ...range };
    case "boolean":
      return { ...shared, kind };
    case "date":
    case "datetime":
      return { ...shared, kind, countMax, ...days };
    case "choice": {
      const present = before?.kind === "choice" ? before.choices : [];
      return { ...shared, kind, countMax, choices: readChoices(form.choices, present, locale) };
    }
    case "reference":
      return { ...shared, kind, countMax, to };
    case "json":
      return { ...shared, kind, bytesMax };
  }
}

const whole = z.string().trim().regex(/^\d+$/).transform(Number);
const number = z
  .string()
  .trim()
  .regex(/^-?\d+(?:\.\d+)?$/)
  .transform(Number);

/** Numbers of members that the kind has; all others are left as they are. */
function readNumbers(form: DefinitionForm) {
  const wrong = new Map<string, string>();
  const read = (name: "countMax" | "lengthMin" | "lengthMax" | "digits" | "bytesMax", fallback: number): number => {
    const parsed = whole.safeParse(form[name]);
    if (!parsed.success) wrong.set(name, "A whole number");
    return parsed.data ?? fallback;
  };
  const isNumeric = form.kind === "integer" || form.kind === "decimal";
  const bound = (name: "min" | "max"): number | undefined => {
    if (!isNumeric || form[name].trim() === "") return undefined;
    const parsed = number.safeParse(form[name]);
    if (!parsed.success) wrong.set(name, "A number");
    return parsed.data;
  };
  const lengths = { lengthMin: read("lengthMin", 0), lengthMax: read("lengthMax", 200) };
  const others = { countMax: read("countMax", 1), digits: read("digits", 2), bytesMax: read("bytesMax", 4_096) };
  return { read: { ...lengths, ...others, min: bound("min"), max: bound("max") }, wrong };
}

function spoken(texts: Texts): Record<string, string> {
  return Object.fromEntries(Object.entries(texts).filter(([, text]) => text.trim() !== ""));
}

/** A key out of a name: lower-case letters, digits and _. */
export function keyFrom(name: string): string {
  const plain = name.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  return plain
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^[^a-z]+|_+$/g, "")
    .slice(0, 40);
}

/** Which rights a field of this kind may have at all; core decides. */
export function offeredRights({ entity, kind, isShown }: DefinitionForm) {
  const isSimple = kind !== "json" && kind !== "reference";
  const isOfPurchase = entity === "order" || entity === "order_line" || entity === "return";
  const isOfPerson = entity === "customer" || isOfPurchase;
  const isListed = entity === "product" || entity === "variant";
  return {
    shown: entity !== "location" && !(kind === "reference" && isOfPerson),
    shopperEditable: isShown && isOfPerson && isSimple,
    filterable: isShown && isListed && isSimple && kind !== "long_text" && kind !== "datetime",
    searchable: isShown && isListed && ["text", "long_text", "integer", "choice"].includes(kind),
    personal: isOfPurchase,
  };
}
