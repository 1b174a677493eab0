import { SKU_LENGTH_MAX, storableText, textsSchema } from "@stoa/kernel";
import { z } from "zod";

/** A text in the shop's language, or texts by locale. */
export function textOrTexts(lengthMax: number) {
  return z.union([storableText(lengthMax), textsSchema(lengthMax)]);
}

/** One printable line without surrounding spaces. */
export function line(lengthMax: number) {
  return z
    .string()
    .trim()
    .min(1)
    .max(lengthMax)
    .regex(/^\P{C}+$/u, { message: "must be printable" });
}

/** The name of a member: objects cannot hold every one. */
export function memberName(lengthMax: number) {
  return line(lengthMax).refine((name) => name !== "__proto__", { message: "is a name that cannot be kept" });
}

export const slugSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { message: "must be lower-case letters, digits and single dashes" });

export const skuSchema = line(SKU_LENGTH_MAX);
