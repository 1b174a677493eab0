import { type CategoryId, type Instant, idSchema, textsSchema } from "@stoa/kernel";
import { z } from "zod";
import { type FieldValues, fieldValuesSchema } from "../../platform/custom-fields/index.ts";
import { slugSchema } from "./names.ts";

export const CATEGORIES_MAX = 10_000;

/** A category as it lies in MongoDB. Where it stands is told by `parentId` alone, so a move is one write. */
export interface CategoryDocument {
  readonly _id: CategoryId;
  readonly parentId: CategoryId | null;
  readonly slug: string;
  /** The present slug and every former one; unique over all categories. A category that was last written long ago has but its slug. */
  readonly slugs?: readonly string[];
  readonly name: Readonly<Record<string, string>>;
  readonly position: number;
  /** What the shop's own fields of categories say of it. */
  readonly customFields?: FieldValues | undefined;
  /** It was taken away: it stands in no tree, and its contents and its slugs are those of `mergedInto` from then on. */
  readonly goneAt?: Instant;
  /** Null for one whose contents lost it. */
  readonly mergedInto?: CategoryId | null;
  readonly revision: number;
  readonly dirty: boolean;
  readonly createdAt: Instant;
  readonly updatedAt: Instant;
}

export const categoryInputSchema = z.strictObject({
  parentId: idSchema("cat").nullable(),
  slug: slugSchema,
  name: textsSchema(200).refine((texts) => Object.values(texts).some((text) => text.trim() !== ""), {
    message: "a name is needed in one locale at least",
  }),
  position: z.int().min(0).max(1_000_000),
  /** Left as they are where they are not given. */
  customFields: fieldValuesSchema.optional(),
});
export type CategoryInput = z.infer<typeof categoryInputSchema>;
