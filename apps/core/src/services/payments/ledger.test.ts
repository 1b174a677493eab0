import { afterAll, beforeAll, expect, test } from "bun:test";
import { asc } from "drizzle-orm";
import { isUniqueViolation, postgresError } from "../../platform/db/index.ts";
import { creditAccounts, ledgerAccounts } from "./ledger.ts";
import { providerNames } from "./payment.ts";
import { ledgerAccount, ledgerEntry, ledgerPosting } from "./tables.ts";
import { authorize, paymentRow, type TestShop, testOrder, testShop } from "./testing/shop.ts";

let shop: TestShop;
beforeAll(async () => {
  shop = await testShop();
});
afterAll(() => shop[Symbol.asyncDispose]());

async function post(lines: readonly (readonly [account: string, currency: "USD" | "EUR", amount: number])[]) {
  const order = testOrder({ provider: "manual" });
  await authorize(shop, order);
  const { id: paymentId } = await paymentRow(shop, order);
  const key = `${paymentId}/test`;
  await shop.db.transaction(async (tx) => {
    await tx.insert(ledgerPosting).values({ key, paymentId, postedAt: shop.deps.clock.now() });
    await tx
      .insert(ledgerEntry)
      .values(lines.map(([account, currency, amount], line) => ({ postingKey: key, line, account, currency, amount })));
  });
}

const refusalOf = (work: Promise<unknown>) =>
  work.then(
    () => "accepted",
    (error: unknown) => postgresError(error)?.constraint_name ?? String(error),
  );

test("the database takes a posting that adds up to zero", async () => {
  const lines = [
    ["manual.balance", "USD", 5],
    ["manual.sales", "USD", -3],
    ["manual.refunds", "USD", -2],
  ] as const;
  expect(await refusalOf(post(lines))).toBe("accepted");
});

test("the database refuses a posting that does not add up to zero in each currency", async () => {
  expect(await refusalOf(post([["manual.balance", "USD", 5]]))).toBe("ledger_posting_balance");
  const mixed = [
    ["manual.balance", "USD", 5],
    ["manual.sales", "EUR", -5],
  ] as const;
  expect(await refusalOf(post(mixed))).toBe("ledger_posting_balance");
});

test("an entry on an unknown account, and a posting made twice, are refused", async () => {
  const lines = [
    ["manual.pocket", "USD", 5],
    ["manual.sales", "USD", -5],
  ] as const;
  expect(await refusalOf(post(lines))).toBe("ledger_entry_account");
  const [posted] = await shop.db.select().from(ledgerPosting).limit(1);
  if (!posted) throw new Error("nothing was posted");
  const again = shop.db.insert(ledgerPosting).values(posted);
  expect(await again.then(() => false, isUniqueViolation)).toBe(true);
});

test("an entry cannot be changed afterwards", async () => {
  await authorize(shop, testOrder({ provider: "manual" }));
  expect(await refusalOf(shop.db.update(ledgerEntry).set({ amount: 1 }).then())).toBe("ledger_posting_balance");
});

test("the database knows every account that the code books on", async () => {
  const rows = await shop.db.select().from(ledgerAccount).orderBy(asc(ledgerAccount.code));
  const ofProviders = providerNames.flatMap((provider) =>
    Object.entries(ledgerAccounts).map(([name, kind]) => ({ code: `${provider}.${name}`, kind })),
  );
  const ofCredits = Object.entries(creditAccounts).map(([name, kind]) => ({ code: `credits.${name}`, kind }));
  const expected: { code: string; kind: string }[] = [...ofProviders, ...ofCredits];
  expect<unknown>(rows).toEqual(expected.sort((left, right) => (left.code < right.code ? -1 : 1)));
});
