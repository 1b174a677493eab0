import type { FieldError } from "@stoa/kernel";
import type { Channel } from "../../platform/settings/index.ts";

/** What of the templates of pages nobody would fill in: it would stand in canonical links and sitemaps as it is. */
export function pageUrlErrors(templates: Pick<Channel, "productUrl" | "categoryUrl">): FieldError[] {
  return (["productUrl", "categoryUrl"] as const).flatMap((path) => {
    const rest = templates[path]?.replaceAll("{slug}", "").replaceAll("{locale}", "") ?? "";
    const unknown = /\{[^{}]*\}|[{}]/.exec(rest)?.[0];
    return unknown ? [{ path, message: `${unknown} is no placeholder: there are {slug} and {locale}` }] : [];
  });
}
