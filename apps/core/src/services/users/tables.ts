import { DEFAULT_CHANNEL } from "@stoa/kernel";
import type { AddressView } from "@stoa/read-models";
import { sql } from "drizzle-orm";
import {
  bigint,
  boolean,
  check,
  index,
  integer,
  jsonb,
  pgSchema,
  primaryKey,
  text,
  timestamp,
  uniqueIndex,
} from "drizzle-orm/pg-core";
import type { FieldValues } from "../../platform/custom-fields/index.ts";
import { idColumn, instantColumn } from "../../platform/db/index.ts";

export const users = pgSchema("users");

// The tables `user`, `session`, `account`, `verification`, `jwks` and `two_factor` have the shape that better-auth asks for.
const moment = (name: string) => timestamp(name, { withTimezone: true });

/** A person who can sign in. What the shop knows of a shopper is `customer`, of a member of staff `staff_member`. */
export const user = users.table(
  "user",
  {
    id: text("id").primaryKey(),
    name: text("name").notNull(),
    email: text("email").notNull().unique("user_email_unique"),
    emailVerified: boolean("email_verified").notNull().default(false),
    image: text("image"),
    /** At the shop's door; the staff's has a factor of its own. */
    twoFactorEnabled: boolean("two_factor_enabled").notNull().default(false),
    staffTwoFactorEnabled: boolean("staff_two_factor_enabled").notNull().default(false),
    /** Set when the person shops; a member of staff has none before they have signed in at the shop. */
    customerId: text("customer_id"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [uniqueIndex("user_by_customer").on(table.customerId)],
);

/** The truth about sessions; Redis holds copies, so a flushed Redis signs nobody out. */
export const session = users.table(
  "session",
  {
    id: text("id").primaryKey(),
    token: text("token").notNull().unique("session_token_unique"),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    ipAddress: text("ip_address"),
    userAgent: text("user_agent"),
    /** By what the staff's door was passed beside the password; null for a session that rests on the password alone. */
    secondFactor: text("second_factor"),
    expiresAt: moment("expires_at").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [index("session_by_user").on(table.userId), index("session_expiry").on(table.expiresAt)],
);

export const account = users.table(
  "account",
  {
    id: text("id").primaryKey(),
    accountId: text("account_id").notNull(),
    providerId: text("provider_id").notNull(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    accessToken: text("access_token"),
    refreshToken: text("refresh_token"),
    idToken: text("id_token"),
    accessTokenExpiresAt: moment("access_token_expires_at"),
    refreshTokenExpiresAt: moment("refresh_token_expires_at"),
    scope: text("scope"),
    password: text("password"),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [
    index("account_by_user").on(table.userId),
    uniqueIndex("account_unique").on(table.providerId, table.accountId),
  ],
);

export const verification = users.table(
  "verification",
  {
    id: text("id").primaryKey(),
    identifier: text("identifier").notNull(),
    value: text("value").notNull(),
    expiresAt: moment("expires_at").notNull(),
    createdAt: moment("created_at").notNull().defaultNow(),
    updatedAt: moment("updated_at").notNull().defaultNow(),
  },
  (table) => [index("verification_by_identifier").on(table.identifier)],
);

const twoFactorColumns = {
  id: text("id").primaryKey(),
  userId: text("user_id")
    .notNull()
    .references(() => user.id, { onDelete: "cascade" }),
  /** Encrypted, like the codes, with the secret of its door. */
  secret: text("secret").notNull(),
  backupCodes: text("backup_codes").notNull(),
  verified: boolean("verified").default(true),
  failedVerificationCount: integer("failed_verification_count").default(0),
  lockedUntil: moment("locked_until"),
};

/** Shoppers' second factor. */
export const twoFactor = users.table("two_factor", twoFactorColumns, (table) => [
  uniqueIndex("two_factor_of_user").on(table.userId),
]);

/** Staff's second factor: a secret of its own, so that neither door can pass for the other. */
export const staffTwoFactor = users.table("staff_two_factor", twoFactorColumns, (table) => [
  uniqueIndex("staff_two_factor_of_user").on(table.userId),
]);

/** Staff's passkeys. */
export const passkey = users.table(
  "passkey",
  {
    id: text("id").primaryKey(),
    userId: text("user_id")
      .notNull()
      .references(() => user.id, { onDelete: "cascade" }),
    name: text("name"),
    credentialID: text("credential_id").notNull(),
    publicKey: text("public_key").notNull(),
    counter: integer("counter").notNull(),
    deviceType: text("device_type").notNull(),
    backedUp: boolean("backed_up").notNull(),
    transports: text("transports"),
    aaguid: text("aaguid"),
    createdAt: moment("created_at"),
  },
  (table) => [
    index("passkey_of_user").on(table.userId),
    uniqueIndex("passkey_credential_unique").on(table.credentialID),
  ],
);

export const jwks = users.table("jwks", {
  id: text("id").primaryKey(),
  publicKey: text("public_key").notNull(),
  privateKey: text("private_key").notNull(),
  alg: text("alg"),
  crv: text("crv"),
  createdAt: moment("created_at").notNull(),
  expiresAt: moment("expires_at"),
});

export const customer = users.table(
  "customer",
  {
    id: idColumn("id", "cus").primaryKey(),
    email: text("email").notNull(),
    /** Of who has no account: with one, a person is called what that says. See `namesOf`. */
    name: text("name").notNull(),
    phone: text("phone"),
    company: text("company"),
    acceptsMarketing: boolean("accepts_marketing").notNull().default(false),
    /** What the shop's own fields of customers say of them. */
    customFields: jsonb("custom_fields").$type<FieldValues>().notNull().default({}),
    /** Set when the person asked to be forgotten: name, e-mail and phone are blank from then on. */
    erasedAt: instantColumn("erased_at"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
    version: integer("version").notNull().default(1),
  },
  (table) => [
    index("customer_by_email").on(sql`lower(${table.email})`),
    index("customer_by_created").on(table.createdAt),
  ],
);

/** A group that prices and promotions can be confined to, e.g. `wholesale`. Belonging to one is decided by staff alone. */
export const customerGroup = users.table("customer_group", {
  code: text("code").primaryKey(),
  name: text("name").notNull(),
  createdAt: instantColumn("created_at").notNull(),
  updatedAt: instantColumn("updated_at").notNull(),
});

export const customerGroupMember = users.table(
  "customer_group_member",
  {
    groupCode: text("group_code")
      .notNull()
      .references(() => customerGroup.code, { onDelete: "cascade" }),
    customerId: idColumn("customer_id", "cus")
      .notNull()
      .references(() => customer.id, { onDelete: "cascade" }),
    addedAt: instantColumn("added_at").notNull(),
  },
  (table) => [
    primaryKey({ columns: [table.groupCode, table.customerId] }),
    index("customer_group_of_customer").on(table.customerId),
  ],
);

/** Copied into carts and orders, never referenced by them. */
export const address = users.table(
  "address",
  {
    id: idColumn("id", "adr").primaryKey(),
    customerId: idColumn("customer_id", "cus")
      .notNull()
      .references(() => customer.id, { onDelete: "cascade" }),
    address: jsonb("address").$type<AddressView>().notNull(),
    isDefaultShipping: boolean("is_default_shipping").notNull().default(false),
    isDefaultBilling: boolean("is_default_billing").notNull().default(false),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [
    index("address_by_customer").on(table.customerId),
    uniqueIndex("address_one_default_shipping").on(table.customerId).where(sql`${table.isDefaultShipping}`),
    uniqueIndex("address_one_default_billing").on(table.customerId).where(sql`${table.isDefaultBilling}`),
  ],
);

/** Orders what the key ring is made of: a later change has a greater revision. */
export const apiKeyRevision = users.sequence("api_key_revision");

/** A publishable key names a storefront, a secret one a machine that acts as staff do. The key itself is nowhere. */
export const apiKey = users.table(
  "api_key",
  {
    id: idColumn("id", "api").primaryKey(),
    kind: text("kind").$type<"publishable" | "secret">().notNull(),
    name: text("name").notNull(),
    /** How the key begins, to tell it from others. */
    prefix: text("prefix").notNull(),
    /** SHA-256 (hex) of a key of 256 random bits: nothing slower is needed against guessing. */
    hash: text("hash").notNull().unique("api_key_hash_unique"),
    scopes: text("scopes").array().notNull(),
    origins: text("origins").array().notNull(),
    ratePerMinute: integer("rate_per_minute").notNull(),
    /** Code of the sales channel that a storefront's key leads to. */
    channel: text("channel").notNull().default(DEFAULT_CHANNEL),
    revision: bigint("revision", { mode: "number" }).notNull(),
    createdBy: text("created_by").notNull(),
    createdAt: instantColumn("created_at").notNull(),
    expiresAt: instantColumn("expires_at"),
    revokedAt: instantColumn("revoked_at"),
    /** Within a few minutes. */
    lastUsedAt: instantColumn("last_used_at"),
  },
  (table) => [
    check("api_key_kind", sql`${table.kind} in ('publishable', 'secret')`),
    check("api_key_rate", sql`${table.ratePerMinute} > 0`),
    index("api_key_revision_order").on(table.revision),
  ],
);

/** A named set of rights. */
export const staffRole = users.table("staff_role", {
  name: text("name").primaryKey(),
  rights: text("rights").array().notNull(),
  createdAt: instantColumn("created_at").notNull(),
});

export const staffMember = users.table(
  "staff_member",
  {
    id: idColumn("id", "stf").primaryKey(),
    userId: text("user_id")
      .notNull()
      .unique("staff_member_user_unique")
      .references(() => user.id),
    name: text("name").notNull(),
    email: text("email").notNull(),
    state: text("state").$type<"active" | "suspended">().notNull().default("active"),
    createdAt: instantColumn("created_at").notNull(),
    updatedAt: instantColumn("updated_at").notNull(),
  },
  (table) => [check("staff_member_state", sql`${table.state} in ('active', 'suspended')`)],
);

export const staffMemberRole = users.table(
  "staff_member_role",
  {
    staffId: idColumn("staff_id", "stf")
      .notNull()
      .references(() => staffMember.id, { onDelete: "cascade" }),
    role: text("role")
      .notNull()
      .references(() => staffRole.name),
  },
  (table) => [primaryKey({ columns: [table.staffId, table.role] })],
);
