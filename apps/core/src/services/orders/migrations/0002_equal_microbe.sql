CREATE TABLE "orders"."fulfilment" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"state" text NOT NULL,
	"location_id" uuid,
	"carrier" text,
	"tracking_number" text,
	"tracking_url" text,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	"shipped_at" timestamptz,
	"delivered_at" timestamptz,
	CONSTRAINT "fulfilment_state" CHECK ("orders"."fulfilment"."state" in ('created', 'packed', 'shipped', 'delivered', 'cancelled')),
	CONSTRAINT "fulfilment_shipped" CHECK (("orders"."fulfilment"."state" in ('shipped', 'delivered')) = ("orders"."fulfilment"."shipped_at" is not null))
);
--> statement-breakpoint
CREATE TABLE "orders"."fulfilment_line" (
	"fulfilment_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"quantity" integer NOT NULL,
	CONSTRAINT "fulfilment_line_fulfilment_id_position_pk" PRIMARY KEY("fulfilment_id","position"),
	CONSTRAINT "fulfilment_line_quantity" CHECK ("orders"."fulfilment_line"."quantity" > 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."return" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"state" text NOT NULL,
	"rejection" text,
	"refund_amount" bigint,
	"restocking_fee" bigint DEFAULT 0 NOT NULL,
	"refund_reason" text,
	"refund_attempts" integer DEFAULT 0 NOT NULL,
	"replacement_id" uuid,
	"requested_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "return_state" CHECK ("orders"."return"."state" in ('requested', 'approved', 'received', 'refunded', 'exchanged', 'closed', 'rejected', 'cancelled')),
	CONSTRAINT "return_refund" CHECK ("orders"."return"."refund_amount" >= 0 and "orders"."return"."restocking_fee" >= 0),
	CONSTRAINT "return_rejection" CHECK (("orders"."return"."state" = 'rejected') = ("orders"."return"."rejection" is not null))
);
--> statement-breakpoint
CREATE TABLE "orders"."return_line" (
	"return_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"position" integer NOT NULL,
	"quantity" integer NOT NULL,
	"reason" text NOT NULL,
	"restocked" integer DEFAULT 0 NOT NULL,
	"written_off" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "return_line_return_id_position_pk" PRIMARY KEY("return_id","position"),
	CONSTRAINT "return_line_quantity" CHECK ("orders"."return_line"."quantity" > 0),
	CONSTRAINT "return_line_received" CHECK ("orders"."return_line"."restocked" >= 0 and "orders"."return_line"."written_off" >= 0 and "orders"."return_line"."restocked" + "orders"."return_line"."written_off" <= "orders"."return_line"."quantity")
);
--> statement-breakpoint
ALTER TABLE "orders"."order" ALTER COLUMN "cart_id" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order" ADD COLUMN "replaces_return_id" uuid;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "shipping_share" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "fulfilled" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "shipped" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "cancelled" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "return_requested" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "returned" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "written_off" integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD COLUMN "refunded" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "orders"."fulfilment" ADD CONSTRAINT "fulfilment_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."fulfilment_line" ADD CONSTRAINT "fulfilment_line_fulfilment_id_fulfilment_id_fk" FOREIGN KEY ("fulfilment_id") REFERENCES "orders"."fulfilment"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."fulfilment_line" ADD CONSTRAINT "fulfilment_line_of_order" FOREIGN KEY ("order_id","position") REFERENCES "orders"."order_line"("order_id","position") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."return" ADD CONSTRAINT "return_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."return_line" ADD CONSTRAINT "return_line_return_id_return_id_fk" FOREIGN KEY ("return_id") REFERENCES "orders"."return"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."return_line" ADD CONSTRAINT "return_line_of_order" FOREIGN KEY ("order_id","position") REFERENCES "orders"."order_line"("order_id","position") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "fulfilment_of_order" ON "orders"."fulfilment" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "fulfilment_open" ON "orders"."fulfilment" USING btree ("created_at") WHERE "orders"."fulfilment"."state" in ('created', 'packed');--> statement-breakpoint
CREATE INDEX "fulfilment_line_of_line" ON "orders"."fulfilment_line" USING btree ("order_id","position");--> statement-breakpoint
CREATE INDEX "return_of_order" ON "orders"."return" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "return_by_state" ON "orders"."return" USING btree ("state","requested_at" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "return_recent" ON "orders"."return" USING btree ("requested_at" DESC NULLS LAST,"id" DESC NULLS LAST);--> statement-breakpoint
CREATE INDEX "return_line_of_line" ON "orders"."return_line" USING btree ("order_id","position");--> statement-breakpoint
CREATE UNIQUE INDEX "order_one_per_return" ON "orders"."order" USING btree ("replaces_return_id") WHERE "orders"."order"."state" <> 'refused';--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_fulfilled" CHECK ("orders"."order_line"."cancelled" >= 0 and "orders"."order_line"."fulfilled" + "orders"."order_line"."cancelled" <= "orders"."order_line"."quantity");--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_shipped" CHECK (0 <= "orders"."order_line"."shipped" and "orders"."order_line"."shipped" <= "orders"."order_line"."fulfilled");--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_returned" CHECK (0 <= "orders"."order_line"."returned" and 0 <= "orders"."order_line"."return_requested" and "orders"."order_line"."returned" + "orders"."order_line"."return_requested" <= "orders"."order_line"."shipped");--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_written_off" CHECK (0 <= "orders"."order_line"."written_off" and "orders"."order_line"."written_off" <= "orders"."order_line"."returned");--> statement-breakpoint
ALTER TABLE "orders"."order_line" ADD CONSTRAINT "order_line_refunded" CHECK ("orders"."order_line"."refunded" >= 0);--> statement-breakpoint
UPDATE "orders"."order_line" l SET "shipping_share" = o."total" - (
	SELECT sum(x."total" + CASE WHEN x."tax_included" THEN 0 ELSE x."tax" END) FROM "orders"."order_line" x WHERE x."order_id" = o."id"
) FROM "orders"."order" o WHERE o."id" = l."order_id" AND l."position" = 0;
