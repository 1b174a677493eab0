CREATE SCHEMA "inventory";
--> statement-breakpoint
CREATE TABLE "inventory"."allocation" (
	"order_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"location_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	"shipped" integer DEFAULT 0 NOT NULL,
	"cancelled" integer DEFAULT 0 NOT NULL,
	"status" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "allocation_order_id_sku_location_id_pk" PRIMARY KEY("order_id","sku","location_id"),
	CONSTRAINT "allocation_status" CHECK ("inventory"."allocation"."status" in ('open', 'shipped', 'cancelled')),
	CONSTRAINT "allocation_counters" CHECK ("inventory"."allocation"."shipped" >= 0 and "inventory"."allocation"."cancelled" >= 0 and "inventory"."allocation"."shipped" + "inventory"."allocation"."cancelled" <= "inventory"."allocation"."quantity")
);
--> statement-breakpoint
CREATE TABLE "inventory"."location" (
	"id" uuid PRIMARY KEY NOT NULL,
	"code" text NOT NULL,
	"name" text NOT NULL,
	"kind" text NOT NULL,
	"priority" integer NOT NULL,
	"address" jsonb,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "location_kind" CHECK ("inventory"."location"."kind" in ('warehouse', 'store'))
);
--> statement-breakpoint
CREATE TABLE "inventory"."reservation" (
	"id" uuid PRIMARY KEY NOT NULL,
	"holder" text NOT NULL,
	"status" text NOT NULL,
	"expires_at" timestamptz NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "reservation_status" CHECK ("inventory"."reservation"."status" in ('held', 'committed', 'consumed', 'released', 'expired'))
);
--> statement-breakpoint
CREATE TABLE "inventory"."reservation_line" (
	"reservation_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"location_id" uuid NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "reservation_line_reservation_id_sku_location_id_pk" PRIMARY KEY("reservation_id","sku","location_id"),
	CONSTRAINT "reservation_line_quantity" CHECK ("inventory"."reservation_line"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "inventory"."stock_alert" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"sku" text NOT NULL,
	"threshold" integer NOT NULL,
	"available" integer NOT NULL,
	"opened_at" timestamptz NOT NULL,
	"closed_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "inventory"."stock_item" (
	"sku" text PRIMARY KEY NOT NULL,
	"version" bigint DEFAULT 1 NOT NULL,
	"tracked" boolean DEFAULT true NOT NULL,
	"allow_backorder" boolean DEFAULT false NOT NULL,
	"alert_threshold" integer,
	CONSTRAINT "stock_item_threshold" CHECK ("inventory"."stock_item"."alert_threshold" >= 0)
);
--> statement-breakpoint
CREATE TABLE "inventory"."stock_level" (
	"sku" text NOT NULL,
	"location_id" uuid NOT NULL,
	"on_hand" integer DEFAULT 0 NOT NULL,
	"reserved" integer DEFAULT 0 NOT NULL,
	"allocated" integer DEFAULT 0 NOT NULL,
	"buffer" integer DEFAULT 0 NOT NULL,
	"allow_backorder" boolean DEFAULT false NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "stock_level_sku_location_id_pk" PRIMARY KEY("sku","location_id"),
	CONSTRAINT "stock_level_counters" CHECK ("inventory"."stock_level"."reserved" >= 0 and "inventory"."stock_level"."allocated" >= 0 and "inventory"."stock_level"."buffer" >= 0),
	CONSTRAINT "stock_level_not_oversold" CHECK ("inventory"."stock_level"."allow_backorder" or "inventory"."stock_level"."on_hand" - "inventory"."stock_level"."reserved" - "inventory"."stock_level"."allocated" - "inventory"."stock_level"."buffer" >= 0)
);
--> statement-breakpoint
CREATE TABLE "inventory"."stock_movement" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"sku" text NOT NULL,
	"location_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"on_hand" integer NOT NULL,
	"reserved" integer NOT NULL,
	"allocated" integer NOT NULL,
	"cause" text NOT NULL,
	"reason" text,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"at" timestamptz NOT NULL,
	CONSTRAINT "stock_movement_kind" CHECK ("inventory"."stock_movement"."kind" in ('receipt', 'adjustment', 'count', 'transfer', 'reserve', 'release', 'allocate', 'deallocate', 'ship', 'return'))
);
--> statement-breakpoint
ALTER TABLE "inventory"."reservation_line" ADD CONSTRAINT "reservation_line_reservation_id_reservation_id_fk" FOREIGN KEY ("reservation_id") REFERENCES "inventory"."reservation"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."stock_level" ADD CONSTRAINT "stock_level_sku_stock_item_sku_fk" FOREIGN KEY ("sku") REFERENCES "inventory"."stock_item"("sku") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "inventory"."stock_level" ADD CONSTRAINT "stock_level_location_id_location_id_fk" FOREIGN KEY ("location_id") REFERENCES "inventory"."location"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "allocation_open" ON "inventory"."allocation" USING btree ("sku") WHERE "inventory"."allocation"."status" = 'open';--> statement-breakpoint
CREATE UNIQUE INDEX "location_code_unique" ON "inventory"."location" USING btree ("code");--> statement-breakpoint
CREATE UNIQUE INDEX "reservation_one_alive" ON "inventory"."reservation" USING btree ("holder") WHERE "inventory"."reservation"."status" in ('held', 'committed');--> statement-breakpoint
CREATE INDEX "reservation_of_holder" ON "inventory"."reservation" USING btree ("holder","created_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "reservation_expiry" ON "inventory"."reservation" USING btree ("expires_at") WHERE "inventory"."reservation"."status" = 'held';--> statement-breakpoint
CREATE INDEX "reservation_line_sku" ON "inventory"."reservation_line" USING btree ("sku");--> statement-breakpoint
CREATE UNIQUE INDEX "stock_alert_one_open" ON "inventory"."stock_alert" USING btree ("sku") WHERE "inventory"."stock_alert"."closed_at" is null;--> statement-breakpoint
CREATE INDEX "stock_level_location" ON "inventory"."stock_level" USING btree ("location_id");--> statement-breakpoint
CREATE UNIQUE INDEX "stock_movement_once_per_cause" ON "inventory"."stock_movement" USING btree ("cause","kind","sku","location_id");--> statement-breakpoint
CREATE INDEX "stock_movement_of_level" ON "inventory"."stock_movement" USING btree ("sku","location_id","seq" DESC NULLS LAST);