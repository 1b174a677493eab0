CREATE TABLE "payments"."capture_request" (
	"cause" text PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"created_at" timestamptz NOT NULL,
	CONSTRAINT "capture_request_amount" CHECK ("payments"."capture_request"."amount" >= 0)
);
--> statement-breakpoint
CREATE TABLE "payments"."payment_request" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"cause" text NOT NULL,
	"state" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "payment_request_state" CHECK ("payments"."payment_request"."state" in ('open', 'paid', 'cancelled', 'expired')),
	CONSTRAINT "payment_request_amount" CHECK ("payments"."payment_request"."amount" > 0)
);
--> statement-breakpoint
CREATE TABLE "payments"."refund_request" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"cause" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"reason" text,
	"created_at" timestamptz NOT NULL,
	CONSTRAINT "refund_request_amount" CHECK ("payments"."refund_request"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "payments"."payment_event" DROP CONSTRAINT "payment_event_type";--> statement-breakpoint
DROP INDEX "payments"."payment_held";--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "request_id" uuid;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "held" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "capture_target" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "capture_from" bigint;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "capture_to" bigint;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "capture_round" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "payments"."payment" SET "held" = CASE WHEN "state" = 'authorized' THEN "authorized" ELSE 0 END, "capture_target" = "captured";--> statement-breakpoint
ALTER TABLE "payments"."refund" ADD COLUMN "request_id" uuid;--> statement-breakpoint
ALTER TABLE "payments"."refund" ADD COLUMN "capture_reference" text;--> statement-breakpoint
CREATE INDEX "capture_request_order" ON "payments"."capture_request" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_request_cause" ON "payments"."payment_request" USING btree ("cause");--> statement-breakpoint
CREATE INDEX "payment_request_order" ON "payments"."payment_request" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "payment_request_open" ON "payments"."payment_request" USING btree ("expires_at") WHERE "payments"."payment_request"."state" = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "refund_request_cause" ON "payments"."refund_request" USING btree ("cause");--> statement-breakpoint
CREATE INDEX "refund_request_order" ON "payments"."refund_request" USING btree ("order_id");--> statement-breakpoint
ALTER TABLE "payments"."refund" ADD CONSTRAINT "refund_request_id_refund_request_id_fk" FOREIGN KEY ("request_id") REFERENCES "payments"."refund_request"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "payment_of_request" ON "payments"."payment" USING btree ("request_id") WHERE "payments"."payment"."request_id" is not null;--> statement-breakpoint
CREATE INDEX "refund_of_request" ON "payments"."refund" USING btree ("request_id");--> statement-breakpoint
CREATE INDEX "payment_held" ON "payments"."payment" USING btree ("authorized_until") WHERE "payments"."payment"."held" > 0;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD CONSTRAINT "payment_held_rest" CHECK ("payments"."payment"."held" in (0, "payments"."payment"."authorized" - "payments"."payment"."captured"));--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD CONSTRAINT "payment_capture_target" CHECK (0 <= "payments"."payment"."capture_target" and "payments"."payment"."capture_target" <= "payments"."payment"."amount");--> statement-breakpoint
ALTER TABLE "payments"."payment_event" ADD CONSTRAINT "payment_event_type" CHECK ("payments"."payment_event"."type" in ('authorized', 'captured', 'released', 'voided', 'expired', 'failed', 'refunded', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost'));