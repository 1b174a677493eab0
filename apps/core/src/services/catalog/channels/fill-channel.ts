import { channelCodeSchema, problem } from "@stoa/kernel";
import { z } from "zod";
import type { CatalogContext } from "../context.ts";
import type { ChannelPlace } from "../documents.ts";
import { publishedIn } from "../schedule.ts";

export const fillChannelSchema = z.strictObject({
  code: channelCodeSchema,
  /** The channel whose products it is to show as well. */
  fromChannel: channelCodeSchema,
});
export type FillChannel = z.infer<typeof fillChannelSchema>;

/**
 * Shows in a channel every product that another one shows and that was never put into this one: what staff have taken out of it stays
 * out. Answers how many. @throws problem `validation_failed` for a channel that is to be filled from itself.
 */
export async function fillChannel(
  { catalog, now }: CatalogContext,
  { code, fromChannel }: FillChannel,
): Promise<number> {
  if (code === fromChannel)
    throw problem("validation_failed", { errors: [{ path: "fromChannel", message: "is the channel itself" }] });
  const place: ChannelPlace & { readonly code: string } = {
    code,
    status: "published",
    publishAt: null,
    unpublishAt: null,
    publishedAt: now,
  };
  const { modifiedCount } = await catalog.products.updateMany(
    { $and: [publishedIn(fromChannel), { "channels.code": { $ne: code } }] },
    { $push: { channels: place }, $set: { dirty: true, updatedAt: now }, $inc: { revision: 1 } },
  );
  return modifiedCount;
}
