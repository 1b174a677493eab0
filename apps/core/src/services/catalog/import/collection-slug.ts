import { slugSchema } from "../names.ts";
import { slugify } from "../slug.ts";

/** The slug of a collection by its name, or by its slug; null when nothing of the name is left. */
export function collectionSlug(name: string): string | null {
  return slugSchema.safeParse(name).success ? name : slugify(name) || null;
}
