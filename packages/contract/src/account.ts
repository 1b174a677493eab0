import { z } from "zod";
import * as shapes from "./account-shapes.ts";
import { storeCredit } from "./cart-shapes.ts";
import { pageQuery } from "./catalog-shapes.ts";
import { endpoint } from "./endpoint.ts";
import { orderPage } from "./order-shapes.ts";
import { addressParams, savedMethodParams } from "./params.ts";

const own = { tag: "account", auth: "customer", rateClass: "write", cache: "private", idempotency: "none" } as const;

export const accountEndpoints = [
  endpoint({
    ...own,
    id: "me.get",
    method: "GET",
    path: "/v1/me",
    summary: "The signed-in customer",
    answers: { 200: { description: "The profile", schema: shapes.me } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.update",
    method: "PATCH",
    path: "/v1/me",
    summary: "Changes the profile",
    body: shapes.updateMe,
    answers: { 200: { description: "The profile after it", schema: shapes.me } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.delete",
    method: "DELETE",
    path: "/v1/me",
    summary: "Erases the person; orders and their totals stay, without the person in them",
    answers: { 204: { description: "Erased, also when it was before", schema: null } },
    problems: ["state_conflict"],
  }),
  endpoint({
    ...own,
    id: "me.export",
    method: "GET",
    path: "/v1/me/export",
    summary: "Everything the shop holds about the customer",
    answers: { 200: { description: "The data", schema: shapes.personalData } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.addresses.list",
    method: "GET",
    path: "/v1/me/addresses",
    summary: "The address book",
    answers: { 200: { description: "Addresses, oldest first", schema: shapes.addressList } },
    problems: [],
  }),
  endpoint({
    ...own,
    id: "me.addresses.create",
    method: "POST",
    path: "/v1/me/addresses",
    summary: "Adds an address",
    idempotency: "accepted",
    body: shapes.createAddress,
    answers: { 201: { description: "The new address", schema: shapes.savedAddress } },
    problems: ["state_conflict"],
  }),
  endpoint({
    ...own,
    id: "me.addresses.update",
    method: "PATCH",
    path: "/v1/me/addresses/{id}",
    summary: "Changes an address",
    params: addressParams,
    body: shapes.updateAddress,
    answers: { 200: { description: "The address after it", schema: shapes.savedAddress } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.addresses.delete",
    method: "DELETE",
    path: "/v1/me/addresses/{id}",
    summary: "Removes an address",
    params: addressParams,
    answers: { 204: { description: "Removed", schema: null } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.paymentMethods.list",
    method: "GET",
    path: "/v1/me/payment-methods",
    summary: "Saved payment methods, newest first",
    answers: {
      200: { description: "What is printed on the cards, and the ids to pay with", schema: shapes.savedMethods },
    },
    problems: [],
  }),
  endpoint({
    ...own,
    id: "me.paymentMethods.delete",
    method: "DELETE",
    path: "/v1/me/payment-methods/{id}",
    summary: "Removes a saved payment method, here at once and at its provider soon after",
    params: savedMethodParams,
    answers: { 204: { description: "Removed", schema: null } },
    problems: ["not_found"],
  }),
  endpoint({
    ...own,
    id: "me.storeCredit",
    method: "GET",
    path: "/v1/me/store-credit",
    summary: "The customer's store credit",
    answers: { 200: { description: "A balance a currency", schema: storeCredit } },
    problems: [],
  }),
  endpoint({
    ...own,
    id: "me.orders",
    method: "GET",
    path: "/v1/me/orders",
    summary: "The customer's orders, newest first",
    query: z.object(pageQuery),
    answers: { 200: { description: "A page", schema: orderPage } },
    problems: [],
  }),
] as const;

/** The paths of better-auth that edge passes on to core, below /v1/auth; all others answer 404. */
export const authPaths: readonly {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly summary: string;
}[] = [
  { method: "POST", path: "/sign-up/email", summary: "Registers with name, e-mail and password" },
  { method: "POST", path: "/sign-in/email", summary: "Signs in; answers the session token and sets the cookie" },
  { method: "POST", path: "/sign-in/social", summary: "Begins a sign-in with another provider; answers where to go" },
  { method: "GET", path: "/callback/{provider}", summary: "Where the provider sends the shopper back" },
  { method: "GET", path: "/list-accounts", summary: "The ways in which the user can sign in" },
  { method: "POST", path: "/link-social", summary: "Adds a provider to the account" },
  { method: "POST", path: "/unlink-account", summary: "Takes a provider off the account" },
  { method: "POST", path: "/sign-out", summary: "Ends this session" },
  { method: "GET", path: "/get-session", summary: "The session and its user, or null" },
  { method: "GET", path: "/list-sessions", summary: "The user's sessions" },
  { method: "POST", path: "/revoke-session", summary: "Ends one session" },
  { method: "POST", path: "/revoke-sessions", summary: "Ends all sessions" },
  { method: "POST", path: "/revoke-other-sessions", summary: "Ends all sessions but this" },
  { method: "GET", path: "/token", summary: "A short-lived JWT for the session" },
  { method: "GET", path: "/jwks", summary: "The keys with which those JWTs are checked" },
  { method: "POST", path: "/request-password-reset", summary: "Sends a reset link" },
  { method: "GET", path: "/reset-password/{token}", summary: "Follows a reset link" },
  { method: "POST", path: "/reset-password", summary: "Sets a new password by token" },
  { method: "POST", path: "/change-password", summary: "Sets a new password by the present one" },
  { method: "POST", path: "/send-verification-email", summary: "Sends the verification link again" },
  { method: "GET", path: "/verify-email", summary: "Follows a verification link" },
  { method: "POST", path: "/two-factor/enable", summary: "Begins two-factor sign-in" },
  { method: "POST", path: "/two-factor/disable", summary: "Ends two-factor sign-in" },
  { method: "POST", path: "/two-factor/get-totp-uri", summary: "The secret for an authenticator" },
  { method: "POST", path: "/two-factor/verify-totp", summary: "Second step of a sign-in" },
  { method: "POST", path: "/two-factor/verify-backup-code", summary: "Second step of a sign-in by backup code" },
  { method: "POST", path: "/two-factor/generate-backup-codes", summary: "New backup codes" },
  { method: "GET", path: "/two-factor/backup-codes", summary: "How many backup codes are left: { left }" },
];
