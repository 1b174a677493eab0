CREATE TABLE "payments"."reconciliation_item" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"run_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"reference" text,
	"payment_id" uuid,
	"order_id" uuid,
	"ours" jsonb,
	"theirs" jsonb,
	"action" text,
	"result" text NOT NULL,
	"note" text,
	"at" timestamptz NOT NULL,
	CONSTRAINT "reconciliation_item_kind" CHECK ("payments"."reconciliation_item"."kind" in ('missing_here', 'missing_there', 'amount_differs', 'state_differs', 'duplicate_charge')),
	CONSTRAINT "reconciliation_item_result" CHECK ("payments"."reconciliation_item"."result" in ('repaired', 'listed', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "payments"."reconciliation_run" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"provider" text NOT NULL,
	"from_at" timestamptz NOT NULL,
	"until_at" timestamptz NOT NULL,
	"trigger" text NOT NULL,
	"state" text NOT NULL,
	"compared" integer DEFAULT 0 NOT NULL,
	"found" integer DEFAULT 0 NOT NULL,
	"repaired" integer DEFAULT 0 NOT NULL,
	"error" text,
	"started_at" timestamptz NOT NULL,
	"finished_at" timestamptz,
	CONSTRAINT "reconciliation_run_state" CHECK ("payments"."reconciliation_run"."state" in ('running', 'done', 'failed'))
);
--> statement-breakpoint
ALTER TABLE "payments"."dispute" ADD COLUMN "evidence" text;--> statement-breakpoint
ALTER TABLE "payments"."dispute" ADD COLUMN "due_at" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "wanted_at" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "fate_asked_at" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "hold_warned_at" timestamptz;--> statement-breakpoint
ALTER TABLE "payments"."reconciliation_item" ADD CONSTRAINT "reconciliation_item_run_id_reconciliation_run_id_fk" FOREIGN KEY ("run_id") REFERENCES "payments"."reconciliation_run"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "reconciliation_item_run" ON "payments"."reconciliation_item" USING btree ("run_id");--> statement-breakpoint
CREATE UNIQUE INDEX "reconciliation_run_name" ON "payments"."reconciliation_run" USING btree ("name");--> statement-breakpoint
CREATE INDEX "reconciliation_run_recent" ON "payments"."reconciliation_run" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "dispute_recent" ON "payments"."dispute" USING btree ("opened_at");--> statement-breakpoint
CREATE INDEX "payment_unclaimed" ON "payments"."payment" USING btree ("updated_at") WHERE "payments"."payment"."wanted_at" is null and "payments"."payment"."release_requested_at" is null and ("payments"."payment"."held" > 0 or "payments"."payment"."state" = 'captured');