CREATE TABLE "payments"."credit_source" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"gift_card_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"payment_id" uuid,
	"from_card_id" uuid,
	"cause" text NOT NULL,
	"amount" bigint NOT NULL,
	"returned" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamptz NOT NULL,
	CONSTRAINT "credit_source_origin" CHECK (("payments"."credit_source"."payment_id" is null) <> ("payments"."credit_source"."from_card_id" is null)),
	CONSTRAINT "credit_source_amount" CHECK ("payments"."credit_source"."amount" > 0 and 0 <= "payments"."credit_source"."returned" and "payments"."credit_source"."returned" <= "payments"."credit_source"."amount")
);
--> statement-breakpoint
ALTER TABLE "payments"."gift_card" DROP CONSTRAINT "gift_card_kind";--> statement-breakpoint
ALTER TABLE "payments"."gift_card" DROP CONSTRAINT "gift_card_owner";--> statement-breakpoint
ALTER TABLE "payments"."gift_card_entry" DROP CONSTRAINT "gift_card_entry_type";--> statement-breakpoint
ALTER TABLE "payments"."gift_card_entry" DROP CONSTRAINT "gift_card_entry_amount";--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "credited" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD COLUMN "refund_to" text DEFAULT 'original' NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."credit_source" ADD CONSTRAINT "credit_source_gift_card_id_gift_card_id_fk" FOREIGN KEY ("gift_card_id") REFERENCES "payments"."gift_card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."credit_source" ADD CONSTRAINT "credit_source_from_card_id_gift_card_id_fk" FOREIGN KEY ("from_card_id") REFERENCES "payments"."gift_card"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "credit_source_card" ON "payments"."credit_source" USING btree ("gift_card_id");--> statement-breakpoint
CREATE INDEX "credit_source_payment" ON "payments"."credit_source" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "credit_source_tender" ON "payments"."credit_source" USING btree ("order_id","from_card_id");--> statement-breakpoint
ALTER TABLE "payments"."gift_card" ADD CONSTRAINT "gift_card_kind" CHECK ("payments"."gift_card"."kind" in ('gift_card', 'store_credit', 'exchange'));--> statement-breakpoint
ALTER TABLE "payments"."gift_card" ADD CONSTRAINT "gift_card_owner" CHECK ("payments"."gift_card"."kind" <> 'store_credit' or "payments"."gift_card"."customer_id" is not null);--> statement-breakpoint
ALTER TABLE "payments"."gift_card_entry" ADD CONSTRAINT "gift_card_entry_type" CHECK ("payments"."gift_card_entry"."type" in ('issued', 'held', 'released', 'redeemed', 'refunded', 'adjusted', 'converted', 'expired'));--> statement-breakpoint
ALTER TABLE "payments"."gift_card_entry" ADD CONSTRAINT "gift_card_entry_amount" CHECK ("payments"."gift_card_entry"."amount" <> 0 and ("payments"."gift_card_entry"."amount" > 0 or "payments"."gift_card_entry"."type" in ('adjusted', 'converted')));--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD CONSTRAINT "payment_credited" CHECK (0 <= "payments"."payment"."credited" and "payments"."payment"."refund_held" + "payments"."payment"."credited" <= "payments"."payment"."captured");--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD CONSTRAINT "refund_request_to" CHECK ("payments"."refund_request"."refund_to" in ('original', 'store_credit', 'exchange'));