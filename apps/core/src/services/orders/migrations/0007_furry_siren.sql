ALTER TABLE "orders"."return_line" ADD COLUMN "paid" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."return" DROP COLUMN "refund_attempts";