/** Where the page of a product or a category is, by the template of the storefront's settings. */
export function pageUrl(template: string, slug: string, locale: string): string {
  return template.replaceAll("{slug}", encodeURIComponent(slug)).replaceAll("{locale}", encodeURIComponent(locale));
}
