import type { ShopCopy } from "../healthy-shop.ts";

/** What goes wrong in one scripted way, and the invariant that must notice. */
export interface Corruption {
  readonly number: number;
  readonly what: string;
  corrupt(shop: ShopCopy): Promise<unknown>;
}

/** SQL with triggers off, as damage knows no triggers. */
export const damage =
  (...statements: readonly string[]) =>
  ({ sql }: ShopCopy) =>
    sql.begin(async (tx) => {
      await tx`set local session_replication_role = replica`;
      for (const statement of statements) {
        const { count } = await tx.unsafe(statement);
        if (/^(update|insert|delete)/.test(statement.trim()) && count === 0)
          throw new Error(`nothing to damage: ${statement}`);
      }
    });

/** The first order of a state, as SQL. */
export const oneOf = (state: string) =>
  `(select id from orders."order" where state = '${state}' order by placed_at limit 1)`;
