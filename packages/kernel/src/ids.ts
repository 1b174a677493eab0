import { z } from "zod";

/** What an id can name; the prefix is part of the id that the world sees. */
export const idPrefixes = [
  "adr",
  "api",
  "can",
  "cart",
  "cat",
  "chg",
  "cus",
  "eml",
  "drf",
  "evt",
  "ful",
  "gft",
  "inv",
  "loc",
  "msg",
  "note",
  "ord",
  "pay",
  "prl",
  "prm",
  "prod",
  "prq",
  "rcn",
  "ref",
  "res",
  "ret",
  "saga",
  "shp",
  "spm",
  "srl",
  "stf",
  "trf",
] as const;
export type IdPrefix = (typeof idPrefixes)[number];

/** An opaque id that carries its kind: 128 bits as 26 characters of Crockford base32 behind a prefix. */
export type Id<P extends IdPrefix> = string & { readonly __id: P };

export type AddressId = Id<"adr">;
export type ApiKeyId = Id<"api">;
export type CancellationId = Id<"can">;
export type CartId = Id<"cart">;
export type CategoryId = Id<"cat">;
export type CustomerId = Id<"cus">;
export type EmailId = Id<"eml">;
export type DraftId = Id<"drf">;
export type FulfilmentId = Id<"ful">;
export type GiftCardId = Id<"gft">;
export type InvoiceId = Id<"inv">;
export type LocationId = Id<"loc">;
export type MessageId = Id<"msg">;
export type NoteId = Id<"note">;
export type OrderChangeId = Id<"chg">;
export type OrderId = Id<"ord">;
export type PaymentId = Id<"pay">;
export type PaymentRequestId = Id<"prq">;
export type PriceListId = Id<"prl">;
export type ProductId = Id<"prod">;
export type RefundId = Id<"ref">;
export type ReservationId = Id<"res">;
export type ReturnId = Id<"ret">;
export type SagaId = Id<"saga">;
export type SavedMethodId = Id<"spm">;
export type SearchRuleId = Id<"srl">;
export type StaffId = Id<"stf">;
export type StockTransferId = Id<"trf">;

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";
const bodyPattern = "[0-7][0-9a-hjkmnp-tv-z]{25}";
const wholeBody = new RegExp(`^${bodyPattern}$`);

/** Source of 128-bit values for new ids; a test passes its own. */
export interface IdSource {
  /** Time-ordered (UUIDv7), as lower-case hex with hyphens. For keys that grow an index at its end. */
  ordered(): string;
  /** 128 random bits in the same form. For ids that are also a secret, such as a cart's. */
  random(): string;
}

export const systemIds: IdSource = {
  ordered: () => Bun.randomUUIDv7(),
  random: () => hexToUuid(crypto.getRandomValues(new Uint8Array(16)).toHex()),
};

export function newId<P extends IdPrefix>(prefix: P, source: IdSource = systemIds): Id<P> {
  return fromUuid(prefix, prefix === "cart" ? source.random() : source.ordered());
}

/** The id that the world sees for a stored uuid. */
export function fromUuid<P extends IdPrefix>(prefix: P, uuid: string): Id<P> {
  const hex = uuid.replaceAll("-", "");
  // 26 characters of 5 bits hold 130: the first one has two bits of nothing. So 8 bits come first, and then 20 at a time.
  let id = `${prefix}_${pairs[Number.parseInt(hex.slice(0, 2), 16)]}`;
  for (let at = 2; at < 32; at += 5) {
    const bits = Number.parseInt(hex.slice(at, at + 5), 16);
    id += `${pairs[bits >> 10]}${pairs[bits & 1023]}`;
  }
  return id as Id<P>;
}

/** The uuid under an id. @throws RangeError when the text is no id. */
export function toUuid(id: string): string {
  const body = id.slice(id.lastIndexOf("_") + 1);
  if (!wholeBody.test(body)) throw new RangeError("not an id");
  let hex = hexOf(bitsOf(body, 0, 2), 2);
  for (let at = 2; at < 26; at += 4) hex += hexOf(bitsOf(body, at, at + 4), 5);
  return hexToUuid(hex);
}

/** Every two characters, by the 10 bits that they stand for. */
const pairs = Array.from({ length: 1024 }, (_, bits) => alphabet.charAt(bits >> 5) + alphabet.charAt(bits & 31));

/** What each character stands for, by its code. */
const valueOfCode = new Uint8Array(128);
for (const [value, character] of [...alphabet].entries()) valueOfCode[character.charCodeAt(0)] = value;

function bitsOf(characters: string, from: number, to: number): number {
  let bits = 0;
  for (let at = from; at < to; at += 1) bits = bits * 32 + (valueOfCode[characters.charCodeAt(at)] ?? 0);
  return bits;
}

const hexOf = (bits: number, digits: number) => bits.toString(16).padStart(digits, "0");

const patterns = Object.fromEntries(
  idPrefixes.map((prefix) => [prefix, new RegExp(`^${prefix}_${bodyPattern}$`)]),
) as Record<IdPrefix, RegExp>;

export function isId<P extends IdPrefix>(prefix: P, value: unknown): value is Id<P> {
  return typeof value === "string" && patterns[prefix].test(value);
}

/** A zod schema for ids of one kind; anything else is refused at the door. */
export function idSchema<P extends IdPrefix>(prefix: P) {
  return z.string().refine((value): value is Id<P> => isId(prefix, value), { message: `not a ${prefix}_ id` });
}

function hexToUuid(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
