CREATE SCHEMA "notifications";
--> statement-breakpoint
CREATE TABLE "notifications"."email" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"cause" text NOT NULL,
	"order_id" uuid,
	"customer_id" uuid,
	"user_id" text,
	"data" jsonb NOT NULL,
	"resend_of" uuid,
	"requested_by" text,
	"state" text NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"available_at" timestamptz NOT NULL,
	"claimed_until" timestamptz,
	"receipt" text,
	"last_error" text,
	"created_at" timestamptz NOT NULL,
	"sent_at" timestamptz,
	CONSTRAINT "email_state" CHECK ("notifications"."email"."state" in ('queued', 'failed', 'sent', 'dead')),
	CONSTRAINT "email_sent" CHECK (("notifications"."email"."state" = 'sent') = ("notifications"."email"."sent_at" is not null)),
	CONSTRAINT "email_about" CHECK (("notifications"."email"."order_id" is null) <> ("notifications"."email"."user_id" is null))
);
--> statement-breakpoint
CREATE UNIQUE INDEX "email_once_per_cause" ON "notifications"."email" USING btree ("kind","cause");--> statement-breakpoint
CREATE INDEX "email_due" ON "notifications"."email" USING btree ("available_at") WHERE "notifications"."email"."state" in ('queued', 'failed');--> statement-breakpoint
CREATE INDEX "email_of_order" ON "notifications"."email" USING btree ("order_id","created_at");--> statement-breakpoint
CREATE INDEX "email_of_customer" ON "notifications"."email" USING btree ("customer_id","created_at");--> statement-breakpoint
CREATE INDEX "email_of_user" ON "notifications"."email" USING btree ("user_id","created_at");--> statement-breakpoint
CREATE INDEX "email_by_state" ON "notifications"."email" USING btree ("state","created_at" DESC NULLS LAST);