CREATE TABLE "payments"."credit_tender" (
	"order_id" uuid NOT NULL,
	"gift_card_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"state" text NOT NULL,
	"amount" bigint NOT NULL,
	"refunded" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "credit_tender_pkey" PRIMARY KEY("order_id","gift_card_id"),
	CONSTRAINT "credit_tender_state" CHECK ("payments"."credit_tender"."state" in ('held', 'redeemed', 'released')),
	CONSTRAINT "credit_tender_amount" CHECK ("payments"."credit_tender"."amount" > 0),
	CONSTRAINT "credit_tender_refunded" CHECK (0 <= "payments"."credit_tender"."refunded" and "payments"."credit_tender"."refunded" <= case when "payments"."credit_tender"."state" = 'redeemed' then "payments"."credit_tender"."amount" else 0 end)
);
--> statement-breakpoint
CREATE TABLE "payments"."gift_card" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"code_hash" text,
	"last4" text,
	"customer_id" uuid,
	"currency" char(3) NOT NULL,
	"balance" bigint DEFAULT 0 NOT NULL,
	"held" bigint DEFAULT 0 NOT NULL,
	"expires_at" timestamptz,
	"disabled_at" timestamptz,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "gift_card_kind" CHECK ("payments"."gift_card"."kind" in ('gift_card', 'store_credit')),
	CONSTRAINT "gift_card_code_of_kind" CHECK (("payments"."gift_card"."kind" = 'gift_card') = ("payments"."gift_card"."code_hash" is not null)),
	CONSTRAINT "gift_card_owner" CHECK ("payments"."gift_card"."kind" = 'gift_card' or "payments"."gift_card"."customer_id" is not null),
	CONSTRAINT "gift_card_sums" CHECK (0 <= "payments"."gift_card"."held" and "payments"."gift_card"."held" <= "payments"."gift_card"."balance")
);
--> statement-breakpoint
CREATE TABLE "payments"."gift_card_entry" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"gift_card_id" uuid NOT NULL,
	"type" text NOT NULL,
	"amount" bigint NOT NULL,
	"cause" text NOT NULL,
	"order_id" uuid,
	"reason" text,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"at" timestamptz NOT NULL,
	CONSTRAINT "gift_card_entry_type" CHECK ("payments"."gift_card_entry"."type" in ('issued', 'held', 'released', 'redeemed', 'refunded', 'adjusted', 'expired')),
	CONSTRAINT "gift_card_entry_amount" CHECK ("payments"."gift_card_entry"."amount" <> 0 and ("payments"."gift_card_entry"."amount" > 0 or "payments"."gift_card_entry"."type" = 'adjusted'))
);
--> statement-breakpoint
ALTER TABLE "payments"."ledger_account" DROP CONSTRAINT "ledger_account_kind";--> statement-breakpoint
ALTER TABLE "payments"."ledger_posting" ALTER COLUMN "payment_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."ledger_posting" ADD COLUMN "gift_card_id" uuid;--> statement-breakpoint
ALTER TABLE "payments"."credit_tender" ADD CONSTRAINT "credit_tender_gift_card_id_gift_card_id_fk" FOREIGN KEY ("gift_card_id") REFERENCES "payments"."gift_card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."gift_card_entry" ADD CONSTRAINT "gift_card_entry_gift_card_id_gift_card_id_fk" FOREIGN KEY ("gift_card_id") REFERENCES "payments"."gift_card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credit_tender_card" ON "payments"."credit_tender" USING btree ("gift_card_id");--> statement-breakpoint
CREATE UNIQUE INDEX "gift_card_code" ON "payments"."gift_card" USING btree ("code_hash");--> statement-breakpoint
CREATE UNIQUE INDEX "gift_card_store_credit" ON "payments"."gift_card" USING btree ("customer_id","currency") WHERE "payments"."gift_card"."kind" = 'store_credit';--> statement-breakpoint
CREATE INDEX "gift_card_last4" ON "payments"."gift_card" USING btree ("last4");--> statement-breakpoint
CREATE INDEX "gift_card_recent" ON "payments"."gift_card" USING btree ("created_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "gift_card_expiry" ON "payments"."gift_card" USING btree ("expires_at") WHERE "payments"."gift_card"."expires_at" is not null and "payments"."gift_card"."balance" > "payments"."gift_card"."held";--> statement-breakpoint
CREATE UNIQUE INDEX "gift_card_entry_once" ON "payments"."gift_card_entry" USING btree ("gift_card_id","type","cause");--> statement-breakpoint
ALTER TABLE "payments"."ledger_posting" ADD CONSTRAINT "ledger_posting_gift_card_id_gift_card_id_fk" FOREIGN KEY ("gift_card_id") REFERENCES "payments"."gift_card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "ledger_posting_gift_card" ON "payments"."ledger_posting" USING btree ("gift_card_id") WHERE "payments"."ledger_posting"."gift_card_id" is not null;--> statement-breakpoint
ALTER TABLE "payments"."ledger_account" ADD CONSTRAINT "ledger_account_kind" CHECK ("payments"."ledger_account"."kind" in ('memo', 'asset', 'liability', 'income', 'expense'));--> statement-breakpoint
ALTER TABLE "payments"."ledger_posting" ADD CONSTRAINT "ledger_posting_subject" CHECK (("payments"."ledger_posting"."payment_id" is null) <> ("payments"."ledger_posting"."gift_card_id" is null));