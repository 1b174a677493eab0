import { lineText } from "@stoa/kernel";
import type { AddressView } from "@stoa/read-models";
import { z } from "zod";
import { fieldPatchSchema } from "../../platform/custom-fields/index.ts";

export const addressSchema = z.strictObject({
  name: lineText(200),
  line1: lineText(200),
  line2: lineText(200).optional(),
  city: lineText(100),
  region: lineText(100).optional(),
  postalCode: lineText(20),
  country: z.string().regex(/^[A-Z]{2}$/, "must be an ISO 3166-1 alpha-2 code"),
  phone: lineText(40).optional(),
});
export type Address = z.infer<typeof addressSchema>;

/** What a shopper may change of a cart beside its lines and codes. Absent members stay as they are. */
export const cartPatchSchema = z.strictObject({
  email: z.email().max(254).optional(),
  shippingAddress: addressSchema.optional(),
  billingAddress: addressSchema.optional(),
  /** Id of one of the cart's shipping methods. */
  shippingMethod: lineText(64).optional(),
  /** Values of the shop's own fields of orders; null takes one away. */
  customFields: fieldPatchSchema.optional(),
});
export type CartPatch = z.infer<typeof cartPatchSchema>;

/** The address as it is kept: members without a value are absent. */
export function withoutGaps({ line2, region, phone, ...rest }: Address): AddressView {
  return {
    ...rest,
    ...(line2 !== undefined && { line2 }),
    ...(region !== undefined && { region }),
    ...(phone !== undefined && { phone }),
  };
}
