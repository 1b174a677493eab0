CREATE TABLE "orders"."order_change" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"holder" uuid NOT NULL,
	"state" text NOT NULL,
	"removed" jsonb NOT NULL,
	"added" jsonb NOT NULL,
	"difference" bigint NOT NULL,
	"currency" char(3) NOT NULL,
	"reason" text NOT NULL,
	"request_id" uuid,
	"token_hash" text,
	"expires_at" timestamptz,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "order_change_state" CHECK ("orders"."order_change"."state" in ('awaiting_payment', 'applied', 'expired', 'cancelled'))
);
--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "set_off" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_change" ADD CONSTRAINT "order_change_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "order_change_of_order" ON "orders"."order_change" USING btree ("order_id","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE UNIQUE INDEX "order_change_one_open" ON "orders"."order_change" USING btree ("order_id") WHERE "orders"."order_change"."state" = 'awaiting_payment';--> statement-breakpoint
CREATE UNIQUE INDEX "order_change_request" ON "orders"."order_change" USING btree ("request_id");--> statement-breakpoint
CREATE UNIQUE INDEX "order_change_token" ON "orders"."order_change" USING btree ("token_hash");--> statement-breakpoint
CREATE INDEX "order_change_expiry" ON "orders"."order_change" USING btree ("expires_at") WHERE "orders"."order_change"."state" = 'awaiting_payment';