import { type Instant, type Problem, problem } from "@stoa/kernel";
import { productErrors } from "./check-product.ts";
import type { ProductContent, ProductDocument } from "./documents.ts";
import { contentOf, derivedFields } from "./product.ts";
import type { ProductTypeDocument } from "./product-type.ts";

type Hours = Pick<ProductDocument, "status" | "unpublishAt">;

/** Whether shoppers may see and buy a product now; its end holds to the moment, however late the sweep is. */
export function isShown({ status, unpublishAt }: Hours, now: Instant): boolean {
  return status === "published" && (unpublishAt == null || unpublishAt > now);
}

/** What a product is with its working draft out; without one, what it is anyway. */
export function contentAhead(product: ProductDocument): ProductContent {
  return { ...contentOf(product), ...product.working?.patch };
}

export interface Schedule {
  readonly publishAt: Instant | null;
  readonly unpublishAt: Instant | null;
}

/** Why a product cannot be put down for these hours, or null. */
export function scheduleRefusal(
  product: ProductDocument,
  { publishAt, unpublishAt }: Schedule,
  now: Instant,
): Problem | null {
  const { status, working } = product;
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
  const members = publicationDue(product, { now, types });
  const status = members.status ?? product.status;
  const { unpublishAt = null } = product;
  if (status === "published" && unpublishAt !== null && unpublishAt <= now) {
    return { ...members, status: "draft", unpublishAt: null };
  }
  return members;
}

function publicationDue(product: ProductDocument, { now, types }: DueContext): Partial<ProductDocument> {
  const { status, publishAt, publishedAt, working } = product;
  const derived = { repriceAt: derivedFields(product, now).repriceAt };
  if (publishAt === null || publishAt > now) return derived;
  if (status === "draft")
    return { ...derived, status: "published", publishAt: null, publishedAt: publishedAt ?? publishAt };
  if (status !== "published" || !working) return { ...derived, publishAt: null };
  const content = contentAhead(product);
  const [error] = productErrors(content, types);
  if (error) return { ...derived, ...heldBack(product, `${error.path}: ${error.message}`) };
  return { ...content, ...derivedFields(content, now), working: null, publishAt: null };
}

/** The working draft stays, without its hour and with the reason why it could not go out. */
export function heldBack({ working }: ProductDocument, reason: string): Partial<ProductDocument> {
  return { publishAt: null, ...(working && { working: { ...working, problem: reason } }) };
}
