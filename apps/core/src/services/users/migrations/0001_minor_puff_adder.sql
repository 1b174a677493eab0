CREATE TABLE "users"."customer_group" (
	"code" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."customer_group_member" (
	"group_code" text NOT NULL,
	"customer_id" uuid NOT NULL,
	"added_at" timestamptz NOT NULL,
	CONSTRAINT "customer_group_member_group_code_customer_id_pk" PRIMARY KEY("group_code","customer_id")
);
--> statement-breakpoint
ALTER TABLE "users"."customer_group_member" ADD CONSTRAINT "customer_group_member_group_code_customer_group_code_fk" FOREIGN KEY ("group_code") REFERENCES "users"."customer_group"("code") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."customer_group_member" ADD CONSTRAINT "customer_group_member_customer_id_customer_id_fk" FOREIGN KEY ("customer_id") REFERENCES "users"."customer"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "customer_group_of_customer" ON "users"."customer_group_member" USING btree ("customer_id");