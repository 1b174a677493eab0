import {
  type ApiResponse,
  type Client,
  PaypalPaymentTokenUsageType,
  type PaypalWallet,
  StoreInVaultInstruction,
  VaultController,
} from "@paypal/paypal-server-sdk";
import { z } from "zod";
import type { ProviderGate } from "./gate.ts";
import { classifyPaypalError } from "./paypal-client.ts";
import type { ProviderAttempt, ProviderVault } from "./provider.ts";
import type { ReportedMethod } from "./provider-report.ts";

const customerSchema = z.object({ id: z.string() });

/** What an order says of the wallet that pays it; `vault` once it was to be kept. */
export const paymentSourceSchema = z.object({
  paypal: z
    .object({
      email_address: z.string().optional(),
      account_id: z.string().optional(),
      attributes: z
        .object({
          vault: z
            .object({ id: z.string().optional(), status: z.string(), customer: customerSchema.optional() })
            .optional(),
        })
        .optional(),
    })
    .optional(),
});

/** A payment token, as the vault and its events show it. */
export const paymentTokenSchema = z.object({
  id: z.string(),
  customer: customerSchema.optional(),
  payment_source: z.object({
    paypal: z.object({ email_address: z.string().optional(), payer_id: z.string().optional() }).optional(),
  }),
  metadata: z.object({ order_id: z.string().optional() }).optional(),
});

/** The token of the customer's saved wallet that pays an attempt; what a shopper calls one themselves is none. */
export function walletOf({ paymentMethod, customerReference, savesMethod }: ProviderAttempt): string | null {
  return customerReference !== null && !savesMethod ? paymentMethod : null;
}

/** Asks PayPal to keep the wallet once it has paid. Of the customer it is told our id only, and its own for them. */
export function savingWallet({ savesMethod, customerId, customerReference }: ProviderAttempt): Partial<PaypalWallet> {
  if (!savesMethod || customerId === null) return {};
  const customer = { merchantCustomerId: customerId, ...(customerReference !== null && { id: customerReference }) };
  const vault = { storeInVault: StoreInVaultInstruction.OnSuccess, usageType: PaypalPaymentTokenUsageType.Merchant };
  return { attributes: { customer, vault } };
}

/** The wallet that an order's payment has put in the vault; undefined when it was not to, or is not there yet. */
export function keptWallet(source: z.infer<typeof paymentSourceSchema> | null | undefined): ReportedMethod | undefined {
  const { email_address: email, account_id: accountId, attributes } = source?.paypal ?? {};
  const { id, status, customer } = attributes?.vault ?? {};
  if (id === undefined || status !== "VAULTED") return undefined;
  return methodOf({ id, email, accountId, customerReference: customer?.id });
}

/** The wallet that a payment token stands for. */
export function walletOfToken(token: z.infer<typeof paymentTokenSchema>): ReportedMethod {
  const { email_address: email, payer_id: accountId } = token.payment_source.paypal ?? {};
  return methodOf({ id: token.id, email, accountId, customerReference: token.customer?.id });
}

interface Wallet {
  readonly id: string;
  readonly email: string | undefined;
  readonly accountId: string | undefined;
  readonly customerReference: string | undefined;
}

function methodOf({ id, email, accountId, customerReference }: Wallet): ReportedMethod {
  const account = email === undefined ? "PayPal" : maskedEmail(email);
  const card = { last4: null, expiryMonth: null, expiryYear: null };
  return { reference: id, brand: "paypal", ...card, account, fingerprint: accountId ?? null, customerReference };
}

/** Enough of an address for its owner to know it by, and no more. */
export function maskedEmail(email: string): string {
  const at = email.lastIndexOf("@");
  return at > 0 ? `${email.slice(0, 1)}•••${email.slice(at)}` : "•••";
}

/** The vault shows five tokens at a time. */
const PAGE = 5;
const ROUNDS_MAX = 20;

const listSchema = z.object({ payment_tokens: z.array(z.object({ id: z.string() })).default([]) });

/** PayPal's vault. It names a customer itself when it first keeps a wallet of theirs. */
export function createPaypalVault(client: () => Client, gate: ProviderGate): ProviderVault {
  const vault = () => new VaultController(client());
  const unlessGone = async (operation: string, send: () => Promise<ApiResponse<unknown>>) => {
    try {
      return await gate.run({ operation, paymentId: null, key: null, safe: true }, send);
    } catch (error) {
      if (classifyPaypalError(error).status !== 404) throw error;
      return null;
    }
  };
  const detach = async (reference: string) => {
    await unlessGone("delete_token", () => vault().deletePaymentToken(reference));
  };
  return {
    detach,
    async forgetCustomer(customerId) {
      for (let round = 0; round < ROUNDS_MAX; round += 1) {
        const listed = await unlessGone("list_tokens", () =>
          vault().listCustomerPaymentTokens({ customerId, pageSize: PAGE }),
        );
        const tokens = listed === null ? [] : listSchema.parse(JSON.parse(String(listed.body))).payment_tokens;
        if (tokens.length === 0) return;
        for (const { id } of tokens) await detach(id);
      }
      throw new Error("PayPal keeps more wallets of a customer than anybody can have");
    },
  };
}
