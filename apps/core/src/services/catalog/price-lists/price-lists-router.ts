import { idSchema, problem } from "@stoa/kernel";
import { z } from "zod";
import { type RpcContext, router, staffProcedure } from "../../../platform/rpc/index.ts";
import { assertChannel } from "../../../platform/settings/index.ts";
import { audited } from "../audited.ts";
import type { CatalogContext } from "../context.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { priceListView } from "../views.ts";
import { CSV_LENGTH_MAX, entriesCsv, readEntriesCsv } from "./entries-csv.ts";
import {
  ENTRIES_PER_CALL_MAX,
  entrySchema,
  listVersion,
  PRICE_LISTS_MAX,
  type PriceListDocument,
  type PriceListEntry,
  priceListMembersSchema,
} from "./price-list.ts";
import {
  archivePriceList,
  changePriceList,
  createPriceList,
  deletePriceList,
  type PriceListWrite,
} from "./save-price-list.ts";
import { entriesOf, setEntries } from "./set-entries.ts";

const byId = z.strictObject({ id: idSchema("prl") });

/** Prices that are edited together: who gets them, where, from when until when, and what each SKU costs. */
export function createPriceListsRouter(deps: Pick<CatalogRouterDeps, "db" | "catalog" | "changed">) {
  const { db, catalog } = deps;
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  const listAt = async (id: z.infer<typeof byId>["id"]) => {
    const list = await catalog.priceLists.findOne({ _id: id, removedAt: { $exists: false } });
    if (!list) throw problem("not_found");
    return list;
  };
  const assertChannels = async (channels: readonly string[]) => {
    for (const channel of channels) await assertChannel(db, channel);
  };
  const writing = async (ctx: RpcContext, action: string, verb: (context: CatalogContext) => Promise<PriceListWrite>) =>
    priceListView(
      await audited(deps, ctx, action, async (context) => {
        const { before, after } = await verb(context);
        return { id: after._id, before, after };
      }),
    );
  const set = (
    ctx: Parameters<typeof audited>[1],
    id: z.infer<typeof byId>["id"],
    entries: readonly PriceListEntry[],
  ) =>
    audited(deps, ctx, "price_list.entries_set", async (context) => {
      const after = await setEntries(context, { id, entries });
      return { id, before: null, after };
    });
  return router({
    list: read.query(async () => ({
      items: (
        await catalog.priceLists
          .find({ removedAt: { $exists: false } })
          .sort({ updatedAt: -1 })
          .limit(PRICE_LISTS_MAX)
          .toArray()
      ).map(priceListView),
    })),
    get: read.input(byId).query(async ({ input }) => priceListView(await listAt(input.id))),
    create: write.input(priceListMembersSchema).mutation(async ({ ctx, input }) => {
      await assertChannels(input.channels);
      return writing(ctx, "price_list.created", (context) => createPriceList(context, input));
    }),
    change: write.input(listVersion.extend({ members: priceListMembersSchema })).mutation(async ({ ctx, input }) => {
      await assertChannels(input.members.channels);
      return writing(ctx, "price_list.changed", (context) => changePriceList(context, input));
    }),
    archive: write
      .input(listVersion)
      .mutation(({ ctx, input }) => writing(ctx, "price_list.archived", (context) => archivePriceList(context, input))),
    /** Of an archived list: it is gone afterwards, with its entries. */
    delete: write.input(listVersion).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, "price_list.deleted", async (context) => {
        const before: { list: PriceListDocument | null } = { list: await deletePriceList(context, input) };
        return { id: input.id, before, after: { list: null } };
      });
    }),
    /** What cannot be set is told of by its row; all else is set. */
    setEntries: write
      .input(byId.extend({ entries: z.array(entrySchema).min(1).max(ENTRIES_PER_CALL_MAX) }))
      .mutation(({ ctx, input }) => set(ctx, input.id, input.entries)),
    importCsv: write
      .input(byId.extend({ csv: z.string().max(CSV_LENGTH_MAX) }))
      .mutation(async ({ ctx, input: { id, csv } }) => {
        const { entries, errors } = readEntriesCsv(csv, (await listAt(id)).currency);
        if (entries.length > ENTRIES_PER_CALL_MAX) {
          const message = `has more than ${ENTRIES_PER_CALL_MAX} rows`;
          throw problem("validation_failed", { errors: [{ path: "csv", message }] });
        }
        if (entries.length === 0) return { set: 0, errors };
        const answer = await set(
          ctx,
          id,
          entries.map(({ entry }) => entry),
        );
        const placed = answer.errors.map((error) => ({ ...error, row: entries[error.row]?.row ?? error.row }));
        return { set: answer.set, errors: [...errors, ...placed].sort((left, right) => left.row - right.row) };
      }),
    exportCsv: read.input(byId).query(async ({ input }) => {
      const { currency } = await listAt(input.id);
      return { csv: entriesCsv(await Array.fromAsync(entriesOf(catalog, input.id)), currency) };
    }),
  });
}
