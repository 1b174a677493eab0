ALTER TABLE "payments"."payment_event" DROP CONSTRAINT "payment_event_type";--> statement-breakpoint
ALTER TABLE "payments"."saved_method" ALTER COLUMN "last4" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."saved_method" ALTER COLUMN "expiry_month" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."saved_method" ALTER COLUMN "expiry_year" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "repairs" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "covered_until" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "lease_until" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "failures" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "statement_until" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "listed" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_run" ADD COLUMN "unmarked" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."saved_method" ADD COLUMN "account" text;--> statement-breakpoint
CREATE INDEX "reconciliation_run_open" ON "payments"."reconciliation_run" USING btree ("lease_until") WHERE "payments"."reconciliation_run"."state" = 'running';--> statement-breakpoint
ALTER TABLE "payments"."payment_event" ADD CONSTRAINT "payment_event_type" CHECK ("payments"."payment_event"."type" in ('authorized', 'captured', 'released', 'voided', 'expired', 'failed', 'refunded', 'refund_failed', 'disputed', 'dispute_answered', 'dispute_won', 'dispute_lost'));--> statement-breakpoint
ALTER TABLE "payments"."saved_method" ADD CONSTRAINT "saved_method_shown" CHECK (("payments"."saved_method"."last4" is null) <> ("payments"."saved_method"."account" is null));