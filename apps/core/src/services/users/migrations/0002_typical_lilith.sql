CREATE SEQUENCE "users"."api_key_revision" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1;--> statement-breakpoint
CREATE TABLE "users"."api_key" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"name" text NOT NULL,
	"prefix" text NOT NULL,
	"hash" text NOT NULL,
	"scopes" text[] NOT NULL,
	"origins" text[] NOT NULL,
	"rate_per_minute" integer NOT NULL,
	"revision" bigint NOT NULL,
	"created_by" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"expires_at" timestamptz,
	"revoked_at" timestamptz,
	"last_used_at" timestamptz,
	CONSTRAINT "api_key_hash_unique" UNIQUE("hash"),
	CONSTRAINT "api_key_kind" CHECK ("users"."api_key"."kind" in ('publishable', 'secret')),
	CONSTRAINT "api_key_rate" CHECK ("users"."api_key"."rate_per_minute" > 0)
);
--> statement-breakpoint
CREATE INDEX "api_key_revision_order" ON "users"."api_key" USING btree ("revision");