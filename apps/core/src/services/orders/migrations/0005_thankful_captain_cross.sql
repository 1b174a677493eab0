CREATE TABLE "orders"."invoice" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"sequence" integer NOT NULL,
	"number" text NOT NULL,
	"order_id" uuid NOT NULL,
	"cause" text NOT NULL,
	"document" jsonb NOT NULL,
	"total" bigint NOT NULL,
	"issued_at" timestamptz NOT NULL,
	CONSTRAINT "invoice_kind" CHECK ("orders"."invoice"."kind" in ('invoice', 'credit_note')),
	CONSTRAINT "invoice_total" CHECK ("orders"."invoice"."total" >= 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."invoice_series" (
	"kind" text PRIMARY KEY NOT NULL,
	"next" integer NOT NULL,
	CONSTRAINT "invoice_series_next" CHECK ("orders"."invoice_series"."next" > 0)
);
--> statement-breakpoint
CREATE TABLE "orders"."note" (
	"id" uuid PRIMARY KEY NOT NULL,
	"order_id" uuid NOT NULL,
	"text" text NOT NULL,
	"author_id" uuid NOT NULL,
	"author_name" text NOT NULL,
	"created_at" timestamptz NOT NULL
);
--> statement-breakpoint
ALTER TABLE "orders"."invoice" ADD CONSTRAINT "invoice_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "orders"."note" ADD CONSTRAINT "note_order_id_order_id_fk" FOREIGN KEY ("order_id") REFERENCES "orders"."order"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_sequence" ON "orders"."invoice" USING btree ("kind","sequence");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_number" ON "orders"."invoice" USING btree ("number");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_once_per_cause" ON "orders"."invoice" USING btree ("order_id","kind","cause");--> statement-breakpoint
CREATE UNIQUE INDEX "invoice_one_per_order" ON "orders"."invoice" USING btree ("order_id") WHERE "orders"."invoice"."kind" = 'invoice';--> statement-breakpoint
CREATE INDEX "note_of_order" ON "orders"."note" USING btree ("order_id","created_at");