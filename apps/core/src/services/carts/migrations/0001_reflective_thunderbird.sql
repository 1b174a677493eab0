ALTER TABLE "carts"."promotion" ADD COLUMN "version" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "carts"."shipping_zone" ADD COLUMN "regions" text[] DEFAULT '{}' NOT NULL;