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

export const slugSchema = z
  .string()
  .max(120)
  .regex(/^[a-z0-9]+(?:-[a-z0-9]+)*$/, { message: "must be lower-case letters, digits and single dashes" });

export const skuSchema = line(SKU_LENGTH_MAX);
