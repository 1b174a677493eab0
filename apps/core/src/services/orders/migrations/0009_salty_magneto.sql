ALTER TABLE "orders"."draft" ADD COLUMN "return_id" uuid;--> statement-breakpoint
ALTER TABLE "orders"."return" ADD COLUMN "exchange_for" jsonb;--> statement-breakpoint
ALTER TABLE "orders"."return" ADD COLUMN "exchange_draft_id" uuid;--> statement-breakpoint
CREATE UNIQUE INDEX "return_exchange_draft" ON "orders"."return" USING btree ("exchange_draft_id");