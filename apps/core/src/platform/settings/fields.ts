import { z } from "zod";

export const localeSchema = z
  .string()
  .max(20)
  .regex(/^[a-z]{2,3}(?:-[A-Za-z0-9]{2,8})*$/, { message: "must be a language tag such as de or pt-BR" });

/** By which times are written; one that nobody knows could not be written with at all. */
export const timeZoneSchema = z.string().min(1).max(50).refine(isTimeZone, "must be a time zone such as Europe/Berlin");

function isTimeZone(name: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: name });
    return true;
  } catch {
    return false;
  }
}

/** Where the page of a product or a category is: `{slug}` stands in it, and `{locale}` where each language has pages of its own. */
export const pageUrlSchema = z
  .string()
  .max(500)
  .regex(/^https?:\/\/[^\s"<>]*\{slug\}[^\s"<>]*$/, { message: "must be an http(s) URL with {slug} in it" });
