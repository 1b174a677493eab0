CREATE TABLE "orders"."draft" (
	"id" uuid PRIMARY KEY NOT NULL,
	"cart_id" uuid NOT NULL,
	"state" text NOT NULL,
	"customer_id" uuid,
	"email" text,
	"currency" char(3) NOT NULL,
	"shipping_address" jsonb,
	"billing_address" jsonb,
	"lines" jsonb NOT NULL,
	"discount" jsonb,
	"shipping" jsonb,
	"promotion_codes" text[] DEFAULT '{}' NOT NULL,
	"note" text,
	"order_id" uuid,
	"reserved_until" timestamptz,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "draft_state" CHECK ("orders"."draft"."state" in ('open', 'completing', 'completed', 'cancelled')),
	CONSTRAINT "draft_order" CHECK (("orders"."draft"."order_id" is not null) = ("orders"."draft"."state" in ('completing', 'completed')))
);
--> statement-breakpoint
CREATE TABLE "orders"."payment_request" (
	"id" uuid PRIMARY KEY NOT NULL,
	"token_hash" text NOT NULL,
	"state" text NOT NULL,
	"draft_id" uuid NOT NULL,
	"currency" char(3) NOT NULL,
	"amount" bigint NOT NULL,
	"terms" jsonb NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "payment_request_state" CHECK ("orders"."payment_request"."state" in ('open', 'paid', 'revoked')),
	CONSTRAINT "payment_request_amount" CHECK ("orders"."payment_request"."amount" >= 0)
);
--> statement-breakpoint
ALTER TABLE "orders"."payment_request" ADD CONSTRAINT "payment_request_draft_id_draft_id_fk" FOREIGN KEY ("draft_id") REFERENCES "orders"."draft"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "draft_cart" ON "orders"."draft" USING btree ("cart_id");--> statement-breakpoint
CREATE INDEX "draft_recent" ON "orders"."draft" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "draft_by_customer" ON "orders"."draft" USING btree ("customer_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_request_token" ON "orders"."payment_request" USING btree ("token_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_request_one_open" ON "orders"."payment_request" USING btree ("draft_id") WHERE "orders"."payment_request"."state" = 'open';