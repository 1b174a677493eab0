CREATE TABLE "payments"."provider_customer" (
	"customer_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"reference" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"forgotten_at" timestamptz,
	CONSTRAINT "provider_customer_pkey" PRIMARY KEY("customer_id","provider"),
	CONSTRAINT "provider_customer_provider" CHECK ("payments"."provider_customer"."provider" in ('stripe', 'paypal', 'manual'))
);
--> statement-breakpoint
CREATE TABLE "payments"."saved_method" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"provider" text NOT NULL,
	"reference" text NOT NULL,
	"brand" text NOT NULL,
	"last4" text NOT NULL,
	"expiry_month" integer NOT NULL,
	"expiry_year" integer NOT NULL,
	"fingerprint" text,
	"created_at" timestamptz NOT NULL,
	"removed_at" timestamptz,
	CONSTRAINT "saved_method_provider" CHECK ("payments"."saved_method"."provider" in ('stripe', 'paypal', 'manual')),
	CONSTRAINT "saved_method_last4" CHECK ("payments"."saved_method"."last4" ~ '^[0-9]{4}$'),
	CONSTRAINT "saved_method_expiry" CHECK ("payments"."saved_method"."expiry_month" between 1 and 12 and "payments"."saved_method"."expiry_year" between 2000 and 2999)
);
--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "provider_customer" text;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "saves_method" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD COLUMN "credit_amount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "provider_customer_forgotten" ON "payments"."provider_customer" USING btree ("forgotten_at") WHERE "payments"."provider_customer"."forgotten_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "saved_method_reference" ON "payments"."saved_method" USING btree ("provider","reference");--> statement-breakpoint
CREATE INDEX "saved_method_customer" ON "payments"."saved_method" USING btree ("customer_id","created_at") WHERE "payments"."saved_method"."removed_at" is null;--> statement-breakpoint
CREATE INDEX "saved_method_removed" ON "payments"."saved_method" USING btree ("removed_at") WHERE "payments"."saved_method"."removed_at" is not null;--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD CONSTRAINT "refund_request_credit" CHECK (0 <= "payments"."refund_request"."credit_amount" and "payments"."refund_request"."credit_amount" <= "payments"."refund_request"."amount");