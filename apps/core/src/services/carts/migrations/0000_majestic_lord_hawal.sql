CREATE SCHEMA "carts";
--> statement-breakpoint
CREATE TABLE "carts"."cart" (
	"id" uuid PRIMARY KEY NOT NULL,
	"state" text NOT NULL,
	"customer_id" uuid,
	"email" text,
	"currency" char(3) NOT NULL,
	"shipping_address" jsonb,
	"billing_address" jsonb,
	"shipping_option_id" uuid,
	"promotion_codes" text[] DEFAULT '{}' NOT NULL,
	"order_id" uuid,
	"merged_into" uuid,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	"expires_at" timestamptz NOT NULL,
	CONSTRAINT "cart_state" CHECK ("carts"."cart"."state" in ('open', 'completing', 'completed', 'merged')),
	CONSTRAINT "cart_order" CHECK (("carts"."cart"."order_id" is not null) = ("carts"."cart"."state" in ('completing', 'completed'))),
	CONSTRAINT "cart_merged" CHECK (("carts"."cart"."merged_into" is not null) = ("carts"."cart"."state" = 'merged'))
);
--> statement-breakpoint
CREATE TABLE "carts"."cart_line" (
	"cart_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"quantity" integer NOT NULL,
	"seq" bigserial NOT NULL,
	CONSTRAINT "cart_line_cart_id_sku_pk" PRIMARY KEY("cart_id","sku"),
	CONSTRAINT "cart_line_quantity" CHECK ("carts"."cart_line"."quantity" between 1 and 999)
);
--> statement-breakpoint
CREATE TABLE "carts"."promotion" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text,
	"name" text NOT NULL,
	"effect" jsonb NOT NULL,
	"priority" integer DEFAULT 100 NOT NULL,
	"stackable" boolean DEFAULT true NOT NULL,
	"starts_at" timestamptz,
	"ends_at" timestamptz,
	"usage_limit" integer,
	"usage_limit_per_customer" integer,
	"used" integer DEFAULT 0 NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "promotion_used" CHECK ("carts"."promotion"."used" >= 0 and ("carts"."promotion"."usage_limit" is null or "carts"."promotion"."used" <= "carts"."promotion"."usage_limit"))
);
--> statement-breakpoint
CREATE TABLE "carts"."promotion_customer" (
	"promotion_id" uuid NOT NULL,
	"customer_key" text NOT NULL,
	"used" integer NOT NULL,
	CONSTRAINT "promotion_customer_promotion_id_customer_key_pk" PRIMARY KEY("promotion_id","customer_key"),
	CONSTRAINT "promotion_customer_used" CHECK ("carts"."promotion_customer"."used" >= 0)
);
--> statement-breakpoint
CREATE TABLE "carts"."promotion_rule" (
	"promotion_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"condition" jsonb NOT NULL,
	CONSTRAINT "promotion_rule_promotion_id_position_pk" PRIMARY KEY("promotion_id","position")
);
--> statement-breakpoint
CREATE TABLE "carts"."promotion_usage" (
	"promotion_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"customer_keys" text[] NOT NULL,
	"taken_at" timestamptz NOT NULL,
	CONSTRAINT "promotion_usage_promotion_id_order_id_pk" PRIMARY KEY("promotion_id","order_id")
);
--> statement-breakpoint
CREATE TABLE "carts"."shipping_option" (
	"id" uuid PRIMARY KEY NOT NULL,
	"zone_id" uuid NOT NULL,
	"name" text NOT NULL,
	"rates" jsonb NOT NULL,
	"position" integer NOT NULL,
	"active" boolean DEFAULT true NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "carts"."shipping_zone" (
	"id" uuid PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"countries" text[] NOT NULL,
	"created_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "carts"."tax_rate" (
	"id" uuid PRIMARY KEY NOT NULL,
	"country" text NOT NULL,
	"region" text DEFAULT '' NOT NULL,
	"tax_class" text NOT NULL,
	"name" text NOT NULL,
	"basis_points" integer NOT NULL,
	"included" boolean NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "tax_rate_share" CHECK ("carts"."tax_rate"."basis_points" between 0 and 10000)
);
--> statement-breakpoint
ALTER TABLE "carts"."cart_line" ADD CONSTRAINT "cart_line_cart_id_cart_id_fk" FOREIGN KEY ("cart_id") REFERENCES "carts"."cart"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carts"."promotion_customer" ADD CONSTRAINT "promotion_customer_promotion_id_promotion_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "carts"."promotion"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carts"."promotion_rule" ADD CONSTRAINT "promotion_rule_promotion_id_promotion_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "carts"."promotion"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carts"."promotion_usage" ADD CONSTRAINT "promotion_usage_promotion_id_promotion_id_fk" FOREIGN KEY ("promotion_id") REFERENCES "carts"."promotion"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "carts"."shipping_option" ADD CONSTRAINT "shipping_option_zone_id_shipping_zone_id_fk" FOREIGN KEY ("zone_id") REFERENCES "carts"."shipping_zone"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "cart_of_customer" ON "carts"."cart" USING btree ("customer_id","updated_at" DESC NULLS LAST) WHERE "carts"."cart"."state" = 'open';--> statement-breakpoint
CREATE INDEX "cart_expiry" ON "carts"."cart" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "promotion_code_unique" ON "carts"."promotion" USING btree (upper("code"));--> statement-breakpoint
CREATE INDEX "promotion_automatic" ON "carts"."promotion" USING btree ("priority") WHERE "carts"."promotion"."code" is null and "carts"."promotion"."active";--> statement-breakpoint
CREATE INDEX "promotion_usage_of_order" ON "carts"."promotion_usage" USING btree ("order_id");--> statement-breakpoint
CREATE UNIQUE INDEX "shipping_option_name_unique" ON "carts"."shipping_option" USING btree ("zone_id","name");--> statement-breakpoint
CREATE UNIQUE INDEX "shipping_zone_name_unique" ON "carts"."shipping_zone" USING btree ("name");--> statement-breakpoint
CREATE UNIQUE INDEX "tax_rate_unique" ON "carts"."tax_rate" USING btree ("country","region","tax_class");