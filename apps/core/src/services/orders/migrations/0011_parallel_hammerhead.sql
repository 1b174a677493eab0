DROP INDEX "orders"."invoice_one_per_order";--> statement-breakpoint
ALTER TABLE "orders"."invoice" ADD COLUMN "lines_from" integer;--> statement-breakpoint
ALTER TABLE "orders"."invoice" ADD COLUMN "lines_until" integer;--> statement-breakpoint
ALTER TABLE "orders"."invoice" ADD COLUMN "corrects_id" uuid;--> statement-breakpoint
ALTER TABLE "orders"."order_change" ADD COLUMN "first_position" integer;