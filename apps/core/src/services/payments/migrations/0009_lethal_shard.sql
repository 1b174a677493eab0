ALTER TABLE "payments"."payment" ADD COLUMN "capture_by" jsonb;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "let_go_by" jsonb;--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD COLUMN "asked_by" jsonb;--> statement-breakpoint
CREATE INDEX "payment_capturing" ON "payments"."payment" USING btree ("updated_at") WHERE "payments"."payment"."capture_to" is not null;--> statement-breakpoint
CREATE INDEX "payment_letting_go" ON "payments"."payment" USING btree ("updated_at") WHERE "payments"."payment"."let_go_by" is not null;