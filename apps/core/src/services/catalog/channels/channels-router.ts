import { DEFAULT_CHANNEL } from "@stoa/kernel";
import { auditing } from "../../../platform/audit/index.ts";
import { type ReadFields, readFields } from "../../../platform/custom-fields/index.ts";
import type { Database } from "../../../platform/db/index.ts";
import { router, staffProcedure } from "../../../platform/rpc/index.ts";
import {
  assertChannel,
  type Channel,
  channelSchema,
  channelsSetting,
  readSetting,
  shopSetting,
} from "../../../platform/settings/index.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { storefrontSetting } from "../settings.ts";
import { fillChannel, fillChannelSchema } from "./fill-channel.ts";
import { changeChannel, createChannel } from "./save-channel.ts";

const entity = "channel";

/** For the dashboard: where the shop sells, and what is different there. */
export function createChannelsRouter(deps: Pick<CatalogRouterDeps, "db" | "catalog" | "changed">) {
  const { db, catalog, changed } = deps;
  const audited: ReturnType<typeof auditing> = (ctx, work) => auditing({ db, clock: ctx.clock })(ctx, work);
  const write = staffProcedure("settings:write");
  /** Behind the commit: its tree of categories has to be written, and what is written has to find the channel. */
  const told = (channel: Channel) => {
    changed({ products: [], categories: true });
    return channel;
  };
  return router({
    list: staffProcedure("settings:read").query(async () => ({ items: await listChannels(db) })),
    create: write.input(channelSchema).mutation(async ({ ctx, input }) =>
      told(
        await audited(ctx, async (context) => {
          const answer = await createChannel(context, input);
          return { entity, action: "channel.created", entityId: input.code, after: answer, answer };
        }),
      ),
    ),
    change: write.input(channelSchema).mutation(async ({ ctx, input }) =>
      told(
        await audited(ctx, async (context) => {
          const { before, after } = await changeChannel(context, input);
          return { entity, action: "channel.changed", entityId: input.code, before, after, answer: after };
        }),
      ),
    ),
    fill: staffProcedure("catalog:write")
      .input(fillChannelSchema)
      .mutation(async ({ ctx, input }) => {
        await assertChannel(db, input.code);
        await assertChannel(db, input.fromChannel);
        const answer = await audited(ctx, async ({ tx, now }) => {
          const fields: ReadFields = (of) => readFields(tx, of);
          const products = await fillChannel({ catalog, now, changed, readFields: fields }, input);
          const after = { fromChannel: input.fromChannel, products };
          return { entity, action: "channel.filled", entityId: input.code, after, answer: { products } };
        });
        changed({ products: [], categories: true });
        return answer;
      }),
  });
}

/** Every channel, the default one first: that is the shop as its settings say. */
async function listChannels(db: Database): Promise<Channel[]> {
  const shop = await readSetting(db, shopSetting);
  const storefront = await readSetting(db, storefrontSetting);
  const { channels } = await readSetting(db, channelsSetting);
  const own: Channel = {
    code: DEFAULT_CHANNEL,
    name: shop.name,
    currencies: shop.currencies,
    defaultCurrency: shop.defaultCurrency,
    languages: [shop.locale, ...storefront.locales.map(({ code }) => code)],
    pricesIncludeTax: null,
    productUrl: storefront.productUrl,
    categoryUrl: storefront.categoryUrl,
    isActive: true,
  };
  return [own, ...channels];
}
