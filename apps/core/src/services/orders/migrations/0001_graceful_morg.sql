ALTER TABLE "orders"."order" ADD COLUMN "shipping_discount" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "shipping_tax" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "shipping_tax_included" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "taxes" jsonb DEFAULT '[]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "tax_included" boolean DEFAULT false NOT NULL;