import { z } from "zod";
import { router, staffProcedure } from "../../../platform/rpc/index.ts";
import { audited } from "../audited.ts";
import type { CatalogRouterDeps } from "../router.ts";
import { searchRuleView } from "../views.ts";
import {
  deleteSearchRule,
  deleteSearchRuleSchema,
  listSearchRules,
  saveSearchRule,
  saveSearchRuleSchema,
} from "./save-search-rule.ts";
import type { SearchRuleDocument } from "./search-rule.ts";

/** A query that found nothing, and how often. */
export interface SearchMiss {
  readonly query: string;
  readonly count: number;
}

/** What shoppers looked for in vain, as edge keeps it. */
export interface SearchMisses {
  /** The most frequent first. */
  list(limit: number): Promise<SearchMiss[]>;
  /** Forgets one that has been seen to. */
  forget(query: string): Promise<void>;
}

type Deps = Pick<CatalogRouterDeps, "db" | "catalog" | "changed" | "searchMisses">;

/** What staff do about searches. */
export function createSearchRouter(deps: Deps) {
  const read = staffProcedure("catalog:read");
  const write = staffProcedure("catalog:write");
  return router({
    rules: read.query(async () => ({ items: (await listSearchRules(deps.catalog)).map(searchRuleView) })),
    saveRule: write.input(saveSearchRuleSchema).mutation(async ({ ctx, input }) =>
      searchRuleView(
        await audited(deps, ctx, "search_rule.saved", async (context) => {
          const { before, after } = await saveSearchRule(context, input);
          return { id: after._id, before, after };
        }),
      ),
    ),
    deleteRule: write.input(deleteSearchRuleSchema).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, "search_rule.deleted", async (context) => {
        const before: { rule: SearchRuleDocument | null } = { rule: await deleteSearchRule(context, input) };
        return { id: input.id, before, after: { rule: null } };
      });
    }),
    misses: read
      .input(z.strictObject({ limit: z.int().min(1).max(1_000).default(100) }))
      .query(async ({ input }) => ({ items: await deps.searchMisses.list(input.limit) })),
    deleteMiss: write.input(z.strictObject({ query: z.string().min(1).max(200) })).mutation(async ({ ctx, input }) => {
      await audited(deps, ctx, "search_miss.deleted", async () => {
        await deps.searchMisses.forget(input.query);
        return { id: input.query, before: null, after: { query: input.query } };
      });
    }),
  });
}
