CREATE SCHEMA "orders";
--> statement-breakpoint
CREATE SEQUENCE "orders"."order_number" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 10001 CACHE 1;--> statement-breakpoint
CREATE TABLE "orders"."order" (
	"id" uuid PRIMARY KEY NOT NULL,
	"number" text NOT NULL,
	"cart_id" uuid NOT NULL,
	"customer_id" uuid,
	"email" text NOT NULL,
	"currency" char(3) NOT NULL,
	"state" text NOT NULL,
	"refusal" jsonb,
	"shipping_address" jsonb NOT NULL,
	"billing_address" jsonb,
	"shipping_method" jsonb NOT NULL,
	"promotions" jsonb NOT NULL,
	"payment_provider" text NOT NULL,
	"subtotal" bigint NOT NULL,
	"discount" bigint NOT NULL,
	"shipping" bigint NOT NULL,
	"tax" bigint NOT NULL,
	"total" bigint NOT NULL,
	"access_token_hash" text NOT NULL,
	"placed_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	CONSTRAINT "order_state" CHECK ("orders"."order"."state" in ('pending', 'confirmed', 'completed', 'refused', 'cancelled', 'on_hold')),
	CONSTRAINT "order_refusal" CHECK (("orders"."order"."state" = 'refused') = ("orders"."order"."refusal" is not null)),
	CONSTRAINT "order_total_not_negative" CHECK ("orders"."order"."total" >= 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."order_event" (
	"order_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"type" text NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"detail" text,
	"at" timestamptz NOT NULL,
	CONSTRAINT "order_event_order_id_seq_pk" PRIMARY KEY("order_id","seq")
);
--> statement-breakpoint
CREATE TABLE "orders"."order_line" (
	"order_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"sku" text NOT NULL,
	"product_id" text NOT NULL,
	"title" text NOT NULL,
	"options" jsonb NOT NULL,
	"quantity" integer NOT NULL,
	"unit_price" bigint NOT NULL,
	"discount" bigint NOT NULL,
	"tax" bigint NOT NULL,
	"total" bigint NOT NULL,
	CONSTRAINT "order_line_order_id_position_pk" PRIMARY KEY("order_id","position"),
	CONSTRAINT "order_line_quantity" CHECK ("orders"."order_line"."quantity" between 1 and 999)
);
--> statement-breakpoint
ALTER TABLE "orders"."order_event" ADD CONSTRAINT "order_event_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "order_number_unique" ON "orders"."order" USING btree ("number");--> statement-breakpoint
CREATE UNIQUE INDEX "order_one_per_cart" ON "orders"."order" USING btree ("cart_id") WHERE "orders"."order"."state" <> 'refused';--> statement-breakpoint
CREATE INDEX "order_by_customer" ON "orders"."order" USING btree ("customer_id","placed_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "order_by_email" ON "orders"."order" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "order_by_placed" ON "orders"."order" USING btree ("placed_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "order_by_state" ON "orders"."order" USING btree ("state","placed_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "order_line_sku" ON "orders"."order_line" USING btree ("sku");