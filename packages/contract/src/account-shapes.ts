import { z } from "zod";
import { addressMembers, storedAddress } from "./cart-shapes.ts";
import { customFields, customFieldsPatch } from "./custom-field-shapes.ts";
import { text } from "./text.ts";

export const me = z
  .object({
    id: z.string(),
    email: z.string(),
    emailVerified: z.boolean(),
    name: z.string(),
    phone: z.string().optional(),
    company: z.string().optional(),
    acceptsMarketing: z.boolean(),
    customFields,
    createdAt: z.string(),
  })
  .meta({ id: "Me" });
export const updateMe = z
  .strictObject({
    name: text(100).optional(),
    phone: text(30).min(3).nullable().optional().meta({ description: "null takes it away" }),
    company: text(100).nullable().optional().meta({ description: "null takes it away" }),
    acceptsMarketing: z.boolean().optional(),
    customFields: customFieldsPatch,
  })
  .meta({ id: "UpdateMe" });

const defaults = { isDefaultShipping: z.boolean().optional(), isDefaultBilling: z.boolean().optional() };
export const savedAddress = storedAddress
  .extend({ id: z.string(), isDefaultShipping: z.boolean(), isDefaultBilling: z.boolean() })
  .meta({ id: "SavedAddress" });
export const addressList = z.object({ items: z.array(savedAddress) }).meta({ id: "AddressList" });
export const createAddress = z.strictObject({ ...addressMembers, ...defaults }).meta({ id: "CreateAddress" });
export const updateAddress = z
  .strictObject({ ...addressMembers, ...defaults })
  .partial()
  .meta({ id: "UpdateAddress" });
export const savedMethods = z
  .object({
    items: z.array(
      z.object({
        id: z.string(),
        provider: z.enum(["stripe", "paypal", "manual"]),
        brand: z.string().meta({ description: "Such as visa; a PayPal wallet is paypal" }),
        last4: z.string().optional().meta({ description: "Of a card, as its expiry" }),
        expiryMonth: z.int().optional(),
        expiryYear: z.int().optional(),
        account: z.string().optional().meta({ description: "Of a wallet, masked: a•••@shop.example" }),
      }),
    ),
  })
  .meta({ id: "SavedPaymentMethods" });
export const personalData = z
  .record(z.string(), z.unknown())
  .meta({ id: "PersonalData", description: "Everything the shop holds about the customer." });
