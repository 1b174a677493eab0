ALTER TABLE "orders"."draft" ADD COLUMN "channel" text DEFAULT 'default' NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "channel" text DEFAULT 'default' NOT NULL;