import { type FieldError, problem } from "@stoa/kernel";
import type { Transaction } from "../../../platform/db/index.ts";
import {
  CHANNELS_MAX,
  type Channel,
  channelsSetting,
  holdSetting,
  readSetting,
  shopSetting,
  writeSetting,
} from "../../../platform/settings/index.ts";
import type { CatalogContext } from "../context.ts";
import { pageUrlErrors } from "../page-urls.ts";
import { storefrontSetting } from "../settings.ts";

type SaveContext = { readonly tx: Transaction } & Pick<CatalogContext, "now">;

/** Opens a channel. @throws problem `state_conflict` for a code that is taken or when there are too many, `validation_failed`. */
export async function createChannel({ tx, now }: SaveContext, channel: Channel): Promise<Channel> {
  const { channels } = await holdSetting(tx, channelsSetting);
  if (channels.some(({ code }) => code === channel.code)) {
    throw problem("state_conflict", { detail: `There is a channel ${channel.code} already.` });
  }
  if (channels.length >= CHANNELS_MAX) {
    throw problem("state_conflict", { detail: `A shop has at most ${CHANNELS_MAX} channels beside the default one.` });
  }
  await assertFits(tx, channel);
  await writeSetting(tx, now, channelsSetting, { channels: [...channels, channel] });
  return channel;
}

/** Replaces what a channel is; its code stays. @throws problem `not_found`, `validation_failed`. */
export async function changeChannel(
  { tx, now }: SaveContext,
  channel: Channel,
): Promise<{ readonly before: Channel; readonly after: Channel }> {
  const { channels } = await holdSetting(tx, channelsSetting);
  const before = channels.find(({ code }) => code === channel.code);
  if (!before) throw problem("not_found");
  await assertFits(tx, channel);
  await writeSetting(tx, now, channelsSetting, {
    channels: channels.map((one) => (one.code === channel.code ? channel : one)),
  });
  return { before, after: channel };
}

/** A channel offers what the shop has, and no more. */
async function assertFits(tx: Transaction, channel: Channel): Promise<void> {
  const { currencies, defaultCurrency, languages } = channel;
  const shop = await readSetting(tx, shopSetting);
  const { locales } = await readSetting(tx, storefrontSetting);
  const spoken = new Set([shop.locale, ...locales.map(({ code }) => code)]);
  const errors: FieldError[] = [
    ...pageUrlErrors(channel),
    ...currencies.flatMap((currency, index) =>
      shop.currencies.includes(currency)
        ? []
        : [{ path: `currencies.${index}`, message: "the shop does not sell in it" }],
    ),
    ...languages.flatMap((language, index) =>
      spoken.has(language) ? [] : [{ path: `languages.${index}`, message: "is none of the shop's languages" }],
    ),
    ...(currencies.includes(defaultCurrency)
      ? []
      : [{ path: "defaultCurrency", message: "is none of the channel's currencies" }]),
  ];
  if (errors.length > 0) throw problem("validation_failed", { errors });
}
