CREATE SCHEMA "payments";
--> statement-breakpoint
CREATE TABLE "payments"."dispute" (
	"provider" text NOT NULL,
	"reference" text NOT NULL,
	"payment_id" uuid NOT NULL,
	"state" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"reason" text,
	"opened_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "dispute_pkey" PRIMARY KEY("provider","reference"),
	CONSTRAINT "dispute_state" CHECK ("payments"."dispute"."state" in ('opened', 'evidence_sent', 'won', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "payments"."ledger_account" (
	"code" text PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	CONSTRAINT "ledger_account_kind" CHECK ("payments"."ledger_account"."kind" in ('memo', 'asset', 'income', 'expense'))
);
--> statement-breakpoint
CREATE TABLE "payments"."ledger_entry" (
	"posting_key" text NOT NULL,
	"line" integer NOT NULL,
	"account" text NOT NULL,
	"currency" char(3) NOT NULL,
	"amount" bigint NOT NULL,
	CONSTRAINT "ledger_entry_pkey" PRIMARY KEY("posting_key","line")
);
--> statement-breakpoint
CREATE TABLE "payments"."ledger_posting" (
	"key" text PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"posted_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "payments"."payment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"attempt" integer NOT NULL,
	"key" text NOT NULL,
	"provider" text NOT NULL,
	"provider_reference" text,
	"payment_method" text,
	"return_url" text,
	"customer_id" uuid,
	"state" text NOT NULL,
	"currency" char(3) NOT NULL,
	"amount" bigint NOT NULL,
	"authorized" bigint DEFAULT 0 NOT NULL,
	"captured" bigint DEFAULT 0 NOT NULL,
	"refunded" bigint DEFAULT 0 NOT NULL,
	"refund_held" bigint DEFAULT 0 NOT NULL,
	"next_action" jsonb,
	"decline_code" text,
	"tries" integer DEFAULT 0 NOT NULL,
	"has_open_call" boolean DEFAULT false NOT NULL,
	"capture_started_at" timestamptz,
	"authorized_until" timestamptz,
	"expires_at" timestamptz NOT NULL,
	"release_requested_at" timestamptz,
	"closed_at" timestamptz,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "payment_provider" CHECK ("payments"."payment"."provider" in ('stripe', 'paypal', 'manual')),
	CONSTRAINT "payment_state" CHECK ("payments"."payment"."state" in ('pending', 'requires_action', 'processing', 'authorized', 'captured', 'failed', 'cancelled', 'voided', 'expired')),
	CONSTRAINT "payment_amount" CHECK ("payments"."payment"."amount" >= 0),
	CONSTRAINT "payment_sums" CHECK (0 <= "payments"."payment"."refunded" and "payments"."payment"."refunded" <= "payments"."payment"."captured" and "payments"."payment"."captured" <= "payments"."payment"."authorized"),
	CONSTRAINT "payment_refund_held" CHECK (0 <= "payments"."payment"."refund_held" and "payments"."payment"."refund_held" <= "payments"."payment"."captured")
);
--> statement-breakpoint
CREATE TABLE "payments"."payment_event" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"reference" text NOT NULL,
	"type" text NOT NULL,
	"amount" bigint,
	"currency" char(3),
	"data" jsonb NOT NULL,
	"recorded_at" timestamptz NOT NULL,
	CONSTRAINT "payment_event_type" CHECK ("payments"."payment_event"."type" in ('authorized', 'captured', 'voided', 'expired', 'failed', 'refunded', 'refund_failed', 'disputed', 'dispute_won', 'dispute_lost'))
);
--> statement-breakpoint
CREATE TABLE "payments"."provider_call" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"payment_id" uuid,
	"provider" text NOT NULL,
	"operation" text NOT NULL,
	"key" text,
	"outcome" text NOT NULL,
	"status" integer,
	"code" text,
	"latency_ms" integer NOT NULL,
	"at" timestamptz NOT NULL,
	CONSTRAINT "provider_call_outcome" CHECK ("payments"."provider_call"."outcome" in ('ok', 'declined', 'rejected', 'unknown', 'not_sent'))
);
--> statement-breakpoint
CREATE TABLE "payments"."provider_event" (
	"id" uuid PRIMARY KEY NOT NULL,
	"provider" text NOT NULL,
	"event_id" text NOT NULL,
	"type" text NOT NULL,
	"raw_body" text NOT NULL,
	"verdict" text NOT NULL,
	"payment_id" uuid,
	"result" text,
	"error" text,
	"attempts" integer DEFAULT 0 NOT NULL,
	"received_at" timestamptz NOT NULL,
	"retry_at" timestamptz NOT NULL,
	"applied_at" timestamptz,
	CONSTRAINT "provider_event_verdict" CHECK ("payments"."provider_event"."verdict" in ('signature_valid', 'provider_confirmed')),
	CONSTRAINT "provider_event_result" CHECK ("payments"."provider_event"."result" in ('applied', 'ignored', 'unmatched', 'mismatch', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "payments"."refund" (
	"id" uuid PRIMARY KEY NOT NULL,
	"payment_id" uuid NOT NULL,
	"key" text NOT NULL,
	"provider_reference" text,
	"state" text NOT NULL,
	"amount" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"reason" text,
	"tries" integer DEFAULT 0 NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "refund_state" CHECK ("payments"."refund"."state" in ('requested', 'pending', 'succeeded', 'failed')),
	CONSTRAINT "refund_amount" CHECK ("payments"."refund"."amount" > 0)
);
--> statement-breakpoint
ALTER TABLE "payments"."dispute" ADD CONSTRAINT "dispute_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "payments"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."ledger_entry" ADD CONSTRAINT "ledger_entry_posting" FOREIGN KEY ("posting_key") REFERENCES "payments"."ledger_posting"("key") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."ledger_entry" ADD CONSTRAINT "ledger_entry_account" FOREIGN KEY ("account") REFERENCES "payments"."ledger_account"("code") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."ledger_posting" ADD CONSTRAINT "ledger_posting_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "payments"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."payment_event" ADD CONSTRAINT "payment_event_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "payments"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payments"."refund" ADD CONSTRAINT "refund_payment_id_payment_id_fk" FOREIGN KEY ("payment_id") REFERENCES "payments"."payment"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "dispute_payment" ON "payments"."dispute" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "ledger_entry_account_balance" ON "payments"."ledger_entry" USING btree ("account","currency");--> statement-breakpoint
CREATE INDEX "ledger_posting_payment" ON "payments"."ledger_posting" USING btree ("payment_id");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_key" ON "payments"."payment" USING btree ("key");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_attempt" ON "payments"."payment" USING btree ("order_id","attempt");--> statement-breakpoint
CREATE UNIQUE INDEX "payment_reference" ON "payments"."payment" USING btree ("provider","provider_reference");--> statement-breakpoint
CREATE INDEX "payment_open" ON "payments"."payment" USING btree ("expires_at") WHERE "payments"."payment"."state" in ('pending', 'requires_action', 'processing');--> statement-breakpoint
CREATE INDEX "payment_held" ON "payments"."payment" USING btree ("authorized_until") WHERE "payments"."payment"."state" = 'authorized';--> statement-breakpoint
CREATE INDEX "payment_release" ON "payments"."payment" USING btree ("release_requested_at") WHERE "payments"."payment"."release_requested_at" is not null and "payments"."payment"."closed_at" is null;--> statement-breakpoint
CREATE UNIQUE INDEX "payment_event_once" ON "payments"."payment_event" USING btree ("provider","reference","type");--> statement-breakpoint
CREATE INDEX "payment_event_payment" ON "payments"."payment_event" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "provider_call_payment" ON "payments"."provider_call" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "provider_call_recent" ON "payments"."provider_call" USING btree ("at");--> statement-breakpoint
CREATE UNIQUE INDEX "provider_event_once" ON "payments"."provider_event" USING btree ("provider","event_id");--> statement-breakpoint
CREATE INDEX "provider_event_unapplied" ON "payments"."provider_event" USING btree ("retry_at") WHERE "payments"."provider_event"."applied_at" is null;--> statement-breakpoint
CREATE INDEX "provider_event_recent" ON "payments"."provider_event" USING btree ("received_at");--> statement-breakpoint
CREATE UNIQUE INDEX "refund_key" ON "payments"."refund" USING btree ("key");--> statement-breakpoint
CREATE INDEX "refund_payment" ON "payments"."refund" USING btree ("payment_id");--> statement-breakpoint
CREATE INDEX "refund_open" ON "payments"."refund" USING btree ("updated_at") WHERE "payments"."refund"."state" in ('requested', 'pending');