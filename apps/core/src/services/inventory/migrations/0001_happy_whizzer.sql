CREATE TABLE "inventory"."stock_transfer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"from_location_id" uuid NOT NULL,
	"to_location_id" uuid NOT NULL,
	"state" text NOT NULL,
	"reference" text,
	"sent_at" timestamptz NOT NULL,
	"closed_at" timestamptz,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "stock_transfer_state" CHECK ("inventory"."stock_transfer"."state" in ('in_transit', 'received', 'cancelled')),
	CONSTRAINT "stock_transfer_places" CHECK ("inventory"."stock_transfer"."from_location_id" <> "inventory"."stock_transfer"."to_location_id")
);
--> statement-breakpoint
CREATE TABLE "inventory"."stock_transfer_line" (
	"transfer_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"quantity" integer NOT NULL,
	"received" integer DEFAULT 0 NOT NULL,
	"lost" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "stock_transfer_line_transfer_id_sku_pk" PRIMARY KEY("transfer_id","sku"),
	CONSTRAINT "stock_transfer_line_counters" CHECK ("inventory"."stock_transfer_line"."quantity" > 0 and "inventory"."stock_transfer_line"."received" >= 0 and "inventory"."stock_transfer_line"."lost" >= 0
        and "inventory"."stock_transfer_line"."received" + "inventory"."stock_transfer_line"."lost" <= "inventory"."stock_transfer_line"."quantity")
);
--> statement-breakpoint
ALTER TABLE "inventory"."stock_level" ADD COLUMN "incoming" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "inventory"."stock_movement" ADD COLUMN "incoming" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "inventory"."stock_transfer" ADD CONSTRAINT "stock_transfer_from_location_id_location_id_fk" FOREIGN KEY ("from_location_id") REFERENCES "inventory"."location"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."stock_transfer" ADD CONSTRAINT "stock_transfer_to_location_id_location_id_fk" FOREIGN KEY ("to_location_id") REFERENCES "inventory"."location"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."stock_transfer_line" ADD CONSTRAINT "stock_transfer_line_transfer_id_stock_transfer_id_fk" FOREIGN KEY ("transfer_id") REFERENCES "inventory"."stock_transfer"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "stock_transfer_by_sent" ON "inventory"."stock_transfer" USING btree ("sent_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "stock_movement_of_sku_at" ON "inventory"."stock_movement" USING btree ("sku","at");--> statement-breakpoint
ALTER TABLE "inventory"."stock_level" ADD CONSTRAINT "stock_level_incoming" CHECK ("inventory"."stock_level"."incoming" >= 0);