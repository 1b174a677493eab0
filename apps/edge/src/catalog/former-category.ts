import { keys } from "@stoa/read-models";
import { z } from "zod";
import type { EdgeDeps } from "../deps.ts";
import { cacheControl } from "../http/answers.ts";
import { redirectFreshness } from "./freshness.ts";
import { readModel } from "./read-model.ts";

const formerSchema = z.record(z.string(), z.string());

/** What was parsed last, with the text it was parsed from: categories are renamed now and then. */
let last: { readonly body: string; readonly present: ReadonlyMap<string, string> } | null = null;

/** Where a list of a category goes that has another slug by now; null when the slug is the present one, or none. */
export async function redirectFromFormerCategory(
  { store }: Pick<EdgeDeps, "store">,
  url: URL,
  category: string | undefined,
): Promise<Response | null> {
  if (category === undefined) return null;
  const model = await readModel(store, keys.formerCategories());
  if (!model) return null;
  if (last?.body !== model.body) {
    last = { body: model.body, present: new Map(Object.entries(formerSchema.parse(JSON.parse(model.body)))) };
  }
  const present = last.present.get(category);
  if (present === undefined) return null;
  const query = new URLSearchParams(url.search);
  query.set("category", present);
  // A cursor belongs to the list that it was given with.
  query.delete("cursor");
  return new Response(null, {
    status: 301,
    headers: { location: `${url.pathname}?${query}`, "cache-control": cacheControl(redirectFreshness) },
  });
}
