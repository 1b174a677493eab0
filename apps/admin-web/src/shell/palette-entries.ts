import type { Outputs } from "../trpc.ts";
import type { Screen } from "./screens.ts";
import { type Theme, themes } from "./theme.ts";

type OrderHit = Outputs["orders"]["staff"]["list"]["items"][number];
type ProductHit = Outputs["catalog"]["products"]["list"]["items"][number];

const SHOWN_MAX = 3;

/** What core found for some words; lists are empty until it has answered, and where the right is missing. */
export interface Hits {
  readonly orders: readonly OrderHit[];
  readonly products: readonly ProductHit[];
}

/** One line of the palette, and what Enter does there. */
export type Entry =
  | { readonly kind: "order"; readonly order: OrderHit }
  | { readonly kind: "product"; readonly product: ProductHit }
  | { readonly kind: "list"; readonly screen: Screen }
  | { readonly kind: "screen"; readonly screen: Screen }
  | { readonly kind: "theme"; readonly theme: Theme }
  | { readonly kind: "sign_out" };

export interface EntryGroup {
  readonly heading: string;
  readonly entries: readonly Entry[];
}

/**
 * Everything that fits the words, what is most likely meant first: an order by its number or its customer's e-mail, then a screen or a
 * command that begins with them, then what they occur in, then the lists searched for them.
 */
export function entriesFor(words: string, screens: readonly Screen[], hits: Hits): EntryGroup[] {
  const own = ownEntries(screens).map((group) => ({ ...group, fits: fitting(group.entries, words) }));
  const begun = own.map(({ heading, fits }) => ({ heading, entries: fits.filter((entry) => begins(entry, words)) }));
  const others = own.map(({ heading, fits }) => ({ heading, entries: fits.filter((entry) => !begins(entry, words)) }));
  if (words === "") return [...begun, ...others].filter(({ entries }) => entries.length > 0);
  const exact = hits.orders.filter((order) => isNamed(order, words));
  const orders = [...exact, ...hits.orders.filter((order) => !exact.includes(order))]
    .slice(0, SHOWN_MAX)
    .map((order): Entry => ({ kind: "order", order }));
  const products = hits.products.map((product): Entry => ({ kind: "product", product }));
  const found = [
    { heading: "Orders", entries: orders },
    { heading: "Products", entries: products },
  ];
  // Other orders were found by what is in them, so that it is the product that is meant.
  const isOrderMeant = hits.orders.some((order) => begin(order.number, words) || begin(order.email, words));
  const lists = screens.filter((screen) => screen.isSearchable).map((screen): Entry => ({ kind: "list", screen }));
  return [
    ...(exact.length > 0 ? [...found, ...begun] : [...begun, ...(isOrderMeant ? found : found.toReversed())]),
    { heading: "Search", entries: lists },
    ...others,
  ].filter(({ entries }) => entries.length > 0);
}

/** Distinct for each entry, and the same for the same entry while the words change. */
export function keyOf(entry: Entry): string {
  switch (entry.kind) {
    case "order":
      return entry.order.id;
    case "product":
      return entry.product.id;
    case "list":
      return `search ${entry.screen.name}`;
    case "screen":
      return `screen ${entry.screen.name}`;
    case "theme":
      return `theme ${entry.theme}`;
    case "sign_out":
      return "sign out";
  }
}

function ownEntries(screens: readonly Screen[]): EntryGroup[] {
  const commands: Entry[] = [...themes.map((theme) => ({ kind: "theme", theme }) as const), { kind: "sign_out" }];
  return [
    { heading: "Screens", entries: screens.map((screen) => ({ kind: "screen", screen })) },
    { heading: "Commands", entries: commands },
  ];
}

/** What a screen or a command is called; what was found has its own words. */
export function nameOf(entry: Entry): string {
  if (entry.kind === "screen") return entry.screen.name;
  return entry.kind === "theme" ? `Theme: ${entry.theme}` : entry.kind === "sign_out" ? "Sign out" : "";
}

function fitting(entries: readonly Entry[], words: string): Entry[] {
  return entries.filter((entry) => nameOf(entry).toLowerCase().includes(words.toLowerCase()));
}

function begins(entry: Entry, words: string): boolean {
  return begin(nameOf(entry), words);
}

function begin(text: string, words: string): boolean {
  return text.toLowerCase().startsWith(words.toLowerCase());
}

function isNamed({ number, email }: OrderHit, words: string): boolean {
  return [number, email].some((name) => name.toLowerCase() === words.toLowerCase());
}
