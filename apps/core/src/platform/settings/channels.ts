import { channelCodeSchema, currencySchema, DEFAULT_CHANNEL, problem } from "@stoa/kernel";
import { z } from "zod";
import type { Database, Transaction } from "../db/index.ts";
import { localeSchema, pageUrlSchema } from "./fields.ts";
import { defineSetting, readSetting } from "./settings.ts";

export const CHANNELS_MAX = 20;

/** What staff say of a sales channel. */
export const channelMembersSchema = z.strictObject({
  name: z.string().trim().min(1).max(100),
  /** Of the shop's own. */
  currencies: z.array(currencySchema).min(1).max(50),
  defaultCurrency: currencySchema,
  /** Of the shop's own, its default first; none: those of the shop. */
  languages: z.array(localeSchema).max(30).default([]),
  /** Whether its prices hold the taxes; null: each tax rate says so for itself, as in the default channel. */
  pricesIncludeTax: z.boolean().nullable().default(null),
  /** Where the pages of its storefront are; null: where the shop's are. */
  productUrl: pageUrlSchema.nullable().default(null),
  categoryUrl: pageUrlSchema.nullable().default(null),
  /** What is closed sells nothing, and its keys open nothing. */
  isActive: z.boolean().default(true),
});

export const channelSchema = channelMembersSchema.extend({
  code: channelCodeSchema.refine((code) => code !== DEFAULT_CHANNEL, { message: "is the shop's own" }),
});
export type Channel = z.infer<typeof channelSchema>;

/** The channels beside the default one, which is the shop itself and needs no word of its own. */
export const channelsSetting = defineSetting(
  "channels",
  z.object({ channels: z.array(channelSchema).max(CHANNELS_MAX) }),
  { channels: [] },
);

/** @throws problem `validation_failed` for a code that is no channel's. */
export async function assertChannel(db: Database | Transaction, channel: string): Promise<void> {
  if (channel === DEFAULT_CHANNEL) return;
  const { channels } = await readSetting(db, channelsSetting);
  if (channels.some(({ code }) => code === channel)) return;
  throw problem("validation_failed", { errors: [{ path: "channel", message: "is no channel of the shop" }] });
}
