import { type CustomerId, newId, problem, type SavedMethodId } from "@stoa/kernel";
import { and, asc, desc, eq, inArray, isNull, ne } from "drizzle-orm";
import type { Database, Transaction } from "../../../platform/db/index.ts";
import type { VerbContext } from "../attempt.ts";
import type { ProviderName } from "../payment.ts";
import type { ReportedMethod } from "../providers/provider-report.ts";
import { payment, providerCustomer, savedMethod } from "../tables.ts";

/** Beyond this, the oldest makes room. */
export const SAVED_METHODS_MAX = 20;

/** A saved card or wallet as its owner sees it: what is printed on the one, the account of the other. */
export interface SavedMethodView {
  readonly id: SavedMethodId;
  readonly provider: ProviderName;
  readonly brand: string;
  readonly last4?: string;
  readonly expiryMonth?: number;
  readonly expiryYear?: number;
  readonly account?: string;
}

/** A customer's saved cards and wallets, newest first. */
export async function listSavedMethods(db: Database | Transaction, customerId: CustomerId): Promise<SavedMethodView[]> {
  const { id, provider, brand, last4, expiryMonth, expiryYear, account } = savedMethod;
  const rows = await db
    .select({ id, provider, brand, last4, expiryMonth, expiryYear, account })
    .from(savedMethod)
    .where(and(eq(savedMethod.customerId, customerId), isNull(savedMethod.removedAt)))
    .orderBy(desc(savedMethod.createdAt), desc(savedMethod.id))
    .limit(SAVED_METHODS_MAX);
  return rows.map(({ id, provider, brand, last4, expiryMonth, expiryYear, account }) => ({
    ...{ id, provider, brand },
    ...(last4 !== null && { last4 }),
    ...(expiryMonth !== null && { expiryMonth }),
    ...(expiryYear !== null && { expiryYear }),
    ...(account !== null && { account }),
  }));
}

export interface OwnMethod {
  readonly id: SavedMethodId;
  readonly customerId: CustomerId;
  readonly provider: ProviderName;
}

/** The provider's tokens of a customer's own saved card; null for a stranger's as for none at all. */
export async function findSavedMethod(db: Database | Transaction, own: OwnMethod) {
  const [found] = await db
    .select({ reference: savedMethod.reference, customerReference: providerCustomer.reference })
    .from(savedMethod)
    .innerJoin(
      providerCustomer,
      and(
        eq(providerCustomer.customerId, savedMethod.customerId),
        eq(providerCustomer.provider, savedMethod.provider),
        isNull(providerCustomer.forgottenAt),
      ),
    )
    .where(
      and(
        eq(savedMethod.id, own.id),
        eq(savedMethod.customerId, own.customerId),
        eq(savedMethod.provider, own.provider),
        isNull(savedMethod.removedAt),
      ),
    );
  return found ?? null;
}

/** Takes a customer's saved card away at once; the sweep tells the provider. @throws problem `not_found`, for a stranger's too. */
export async function removeSavedMethod(
  { tx, now }: VerbContext,
  { customerId, id }: Pick<OwnMethod, "customerId" | "id">,
): Promise<void> {
  const removed = await tx
    .update(savedMethod)
    .set({ removedAt: now })
    .where(and(eq(savedMethod.id, id), eq(savedMethod.customerId, customerId), isNull(savedMethod.removedAt)))
    .returning({ id: savedMethod.id });
  if (removed.length === 0) throw problem("not_found");
}

interface KeepMethod {
  readonly id: SavedMethodId;
  readonly customerId: CustomerId;
  readonly provider: ProviderName;
  readonly method: ReportedMethod;
}

/** Keeps a card that has paid. Told again it changes nothing; the same card saved anew takes the place of its older token. */
async function keepMethod({ tx, now }: VerbContext, { method, ...own }: KeepMethod): Promise<void> {
  const { customerReference, ...shown } = method;
  const kept = await tx
    .insert(savedMethod)
    .values({ ...own, ...shown, createdAt: now })
    .onConflictDoNothing()
    .returning({ id: savedMethod.id });
  if (kept.length === 0) return;
  if (customerReference !== undefined) {
    const { customerId, provider } = own;
    const customer = { customerId, provider, reference: customerReference, createdAt: now };
    await tx.insert(providerCustomer).values(customer).onConflictDoNothing();
  }
  const ofCustomer = and(eq(savedMethod.customerId, own.customerId), isNull(savedMethod.removedAt));
  if (method.fingerprint !== null) {
    const sameCard = and(eq(savedMethod.fingerprint, method.fingerprint), ne(savedMethod.id, own.id));
    await tx.update(savedMethod).set({ removedAt: now }).where(and(ofCustomer, sameCard));
  }
  const surplus = tx
    .select({ id: savedMethod.id })
    .from(savedMethod)
    .where(ofCustomer)
    .orderBy(desc(savedMethod.createdAt), asc(savedMethod.id))
    .offset(SAVED_METHODS_MAX);
  await tx.update(savedMethod).set({ removedAt: now }).where(inArray(savedMethod.id, surplus));
}

type SavingPayment = Pick<typeof payment.$inferSelect, "customerId" | "provider" | "savesMethod">;

/**
 * Keeps what a provider has put in its vault with a payment, as the payment's row has it now. What nobody wants kept any more, such as
 * when the customer has been forgotten meanwhile, is written down as removed, so that the provider is told to let go of it.
 */
export async function keepReported(context: VerbContext, of: SavingPayment, method: ReportedMethod): Promise<void> {
  const { customerId, provider, savesMethod } = of;
  if (customerId === null) return;
  const id = newId("spm");
  if (savesMethod) return keepMethod(context, { id, customerId, provider, method });
  const { customerReference: _, ...shown } = method;
  const removed = { id, customerId, provider, ...shown, createdAt: context.now, removedAt: context.now };
  await context.tx.insert(savedMethod).values(removed).onConflictDoNothing();
}

export interface DroppedMethod {
  readonly provider: ProviderName;
  readonly reference: string;
}

/** Its owner has taken it back at the provider; nobody can pay with it any more. */
export async function dropMethod({ tx, now }: VerbContext, { provider, reference }: DroppedMethod): Promise<void> {
  const isIt = and(eq(savedMethod.provider, provider), eq(savedMethod.reference, reference));
  await tx
    .update(savedMethod)
    .set({ removedAt: now })
    .where(and(isIt, isNull(savedMethod.removedAt)));
}

/**
 * The person is forgotten here at once: their cards, their name at the providers, and the tokens that their payments were made with.
 * The providers hear of it from the sweep. Nothing of theirs may still be on its way to being paid.
 */
export async function forgetSavedMethods({ tx, now }: VerbContext, customerId: CustomerId): Promise<void> {
  await tx.update(savedMethod).set({ removedAt: now }).where(eq(savedMethod.customerId, customerId));
  await tx.update(providerCustomer).set({ forgottenAt: now }).where(eq(providerCustomer.customerId, customerId));
  await tx
    .update(payment)
    .set({ paymentMethod: null, providerCustomer: null, savesMethod: false })
    .where(eq(payment.customerId, customerId));
}
