import { DEFAULT_CHANNEL, type Instant, type Problem, problem } from "@stoa/kernel";
import type { Filter } from "mongodb";
import { productErrors } from "./check-product.ts";
import type { ChannelPlace, ProductContent, ProductDocument } from "./documents.ts";
import { nextPriceChange } from "./price.ts";
import { contentOf, derivedFields } from "./product.ts";
import type { ProductTypeDocument } from "./product-type.ts";

type Places = Pick<ProductDocument, "status" | "unpublishAt" | "channels">;

/** Whether shoppers of a channel may see and buy a product now; its end holds to the moment, however late the sweep is. */
export function isShown(product: Places, now: Instant, channel = DEFAULT_CHANNEL): boolean {
  const { status, unpublishAt } = channel === DEFAULT_CHANNEL ? product : placeIn(product, channel);
  return status === "published" && (unpublishAt == null || unpublishAt > now);
}

/** The channels in which a product is shown now, the default one first. */
export function channelsShowing(product: Places, now: Instant): string[] {
  const codes = [DEFAULT_CHANNEL, ...(product.channels ?? []).map(({ code }) => code)];
  return codes.filter((code) => isShown(product, now, code));
}

/** Until when a product is out in some channel: null without an end, undefined where it is out in none. */
export function offeredUntil({ status, unpublishAt = null, channels = [] }: Places): Instant | null | undefined {
  const places = [{ status, unpublishAt }, ...channels].filter((place) => place.status === "published");
  if (places.length === 0) return undefined;
  return places.reduce<Instant | null>((latest, { unpublishAt: end }) => {
    return latest === null || end === null ? null : (Math.max(latest, end) as Instant);
  }, 0 as Instant);
}

/** Those that are out in some channel. */
export const publishedSomewhere: Filter<ProductDocument> = {
  $or: [{ status: "published" }, { "channels.status": "published" }],
};

/** Those that are out in a channel, their ends aside. */
export function publishedIn(channel: string) {
  return channel === DEFAULT_CHANNEL
    ? { status: "published" as const }
    : { channels: { $elemMatch: { code: channel, status: "published" as const } } };
}

const NOWHERE: ChannelPlace = { status: "draft", publishAt: null, unpublishAt: null, publishedAt: null };

/** How a product stands in a channel. What is archived is so in all of them. */
export function placeIn(
  product: Places & Partial<Pick<ProductDocument, "publishAt" | "publishedAt">>,
  channel: string,
): ChannelPlace {
  const { status, publishAt = null, unpublishAt = null, publishedAt = null, channels = [] } = product;
  if (channel === DEFAULT_CHANNEL) return { status, publishAt, unpublishAt, publishedAt };
  const place = channels.find(({ code }) => code === channel) ?? NOWHERE;
  return status === "archived" ? { ...place, status } : place;
}

/** The members by which a product stands so in a channel. */
export function withPlace(
  { channels = [] }: Pick<ProductDocument, "channels">,
  channel: string,
  place: ChannelPlace,
): Partial<ProductDocument> {
  if (channel === DEFAULT_CHANNEL) return place;
  const { status, publishAt, unpublishAt, publishedAt } = place;
  const others = channels.filter(({ code }) => code !== channel);
  return { channels: [...others, { code: channel, status, publishAt, unpublishAt, publishedAt }] };
}

/** What a product is with its working draft out; without one, what it is anyway. */
export function contentAhead(product: ProductDocument): ProductContent {
  return { ...contentOf(product), ...product.working?.patch };
}

export interface Schedule {
  readonly publishAt: Instant | null;
  readonly unpublishAt: Instant | null;
}

/** Why a product that stands so cannot be put down for these hours, or null. */
export function scheduleRefusal(
  { status, working }: Pick<ProductDocument, "status" | "working">,
  { publishAt, unpublishAt }: Schedule,
  now: Instant,
): Problem | null {
  if (publishAt !== null && status !== "draft" && !(status === "published" && working)) {
    return problem("state_conflict", { detail: "only a draft, or a working draft, can be scheduled" });
  }
  if (unpublishAt === null) return null;
  const isOutBefore = status === "published" || (status === "draft" && publishAt !== null);
  if (!isOutBefore) return problem("state_conflict", { detail: "what is not to be published has no end" });
  if (unpublishAt > Math.max(now, publishAt ?? 0)) return null;
  return problem("validation_failed", {
    errors: [{ path: "unpublishAt", message: "must be ahead, and behind publishAt" }],
  });
}

export interface DueContext {
  readonly now: Instant;
  /** Those that working drafts have. */
  readonly types: ReadonlyMap<string, ProductTypeDocument>;
}

/** The members that change because an hour has come. A time that has been missed counts as that time, not as the hour of the sweep. */
export function dueMembers(product: ProductDocument, { now, types }: DueContext): Partial<ProductDocument> {
  const members = { ...publicationDue(product, { now, types }), ...placesDue(product, now) };
  const status = members.status ?? product.status;
  const { unpublishAt = null } = product;
  if (status === "published" && unpublishAt !== null && unpublishAt <= now) {
    return { ...members, status: "draft", unpublishAt: null };
  }
  return members;
}

/** In channels there are no working drafts: an hour there only shows or takes down. */
function placesDue({ channels = [] }: ProductDocument, now: Instant): Partial<ProductDocument> {
  const due = channels.map((place) => {
    const isOut = place.publishAt !== null && place.publishAt <= now;
    const out: typeof place = isOut
      ? { ...place, status: "published", publishAt: null, publishedAt: place.publishedAt ?? place.publishAt }
      : place;
    const isOver = out.status === "published" && out.unpublishAt !== null && out.unpublishAt <= now;
    return isOver ? { ...out, status: "draft" as const, unpublishAt: null } : out;
  });
  return due.some((place, index) => place !== channels[index]) ? { channels: due } : {};
}

function publicationDue(product: ProductDocument, { now, types }: DueContext): Partial<ProductDocument> {
  const { status, publishAt, publishedAt, working } = product;
  const { listPrices } = product;
  const derived = {
    repriceAt: derivedFields(product, now).repriceAt,
    ...(listPrices && { listRepriceAt: nextPriceChange(listPrices, now) }),
  };
  if (publishAt === null || publishAt > now) return derived;
  if (status === "draft")
    return { ...derived, status: "published", publishAt: null, publishedAt: publishedAt ?? publishAt };
  if (status !== "published" || !working) return { ...derived, publishAt: null };
  const content = contentAhead(product);
  const [error] = productErrors(content, types);
  if (error) return { ...derived, ...heldBack(product, `${error.path}: ${error.message}`) };
  return { ...derived, ...content, ...derivedFields(content, now), working: null, publishAt: null };
}

/** The working draft stays, without its hour and with the reason why it could not go out. */
export function heldBack({ working }: ProductDocument, reason: string): Partial<ProductDocument> {
  return { publishAt: null, ...(working && { working: { ...working, problem: reason } }) };
}
