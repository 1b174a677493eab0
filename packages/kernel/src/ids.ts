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
  // 26 characters of 5 bits hold 130: the first one has two bits of nothing. So 40 bits, 8 characters, are taken at a time.
  const body =
    alphabet.charAt(Number.parseInt(hex.charAt(0), 16) >> 1) +
    charactersOf(Number.parseInt(hex.slice(0, 2), 16) & 31, 1) +
    charactersOf(Number.parseInt(hex.slice(2, 12), 16), 8) +
    charactersOf(Number.parseInt(hex.slice(12, 22), 16), 8) +
    charactersOf(Number.parseInt(hex.slice(22, 32), 16), 8);
  return `${prefix}_${body}` as Id<P>;
}

/** The uuid under an id. @throws RangeError when the text is no id. */
export function toUuid(id: string): string {
  const body = id.slice(id.lastIndexOf("_") + 1);
  if (!wholeBody.test(body)) throw new RangeError("not an id");
  const hex = [
    hexOf(body.slice(0, 2), 2),
    hexOf(body.slice(2, 10), 10),
    hexOf(body.slice(10, 18), 10),
    hexOf(body.slice(18), 10),
  ];
  return hexToUuid(hex.join(""));
}

/** The last `5 × count` bits of a number, the first of them first. 40 bits at most: what a double holds exactly. */
function charactersOf(value: number, count: number): string {
  let text = "";
  let rest = value;
  for (let index = 0; index < count; index += 1) {
    text = alphabet.charAt(rest % 32) + text;
    rest = Math.floor(rest / 32);
  }
  return text;
}

function hexOf(characters: string, digits: number): string {
  let value = 0;
  for (const character of characters) value = value * 32 + alphabet.indexOf(character);
  return value.toString(16).padStart(digits, "0");
}

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
