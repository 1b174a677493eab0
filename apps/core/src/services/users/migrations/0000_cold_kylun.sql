CREATE SCHEMA "users";
--> statement-breakpoint
CREATE TABLE "users"."account" (
	"id" text PRIMARY KEY NOT NULL,
	"account_id" text NOT NULL,
	"provider_id" text NOT NULL,
	"user_id" text NOT NULL,
	"access_token" text,
	"refresh_token" text,
	"id_token" text,
	"access_token_expires_at" timestamp with time zone,
	"refresh_token_expires_at" timestamp with time zone,
	"scope" text,
	"password" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."address" (
	"id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"address" jsonb NOT NULL,
	"is_default_shipping" boolean DEFAULT false NOT NULL,
	"is_default_billing" boolean DEFAULT false NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."customer" (
	"id" uuid PRIMARY KEY NOT NULL,
	"email" text NOT NULL,
	"name" text NOT NULL,
	"phone" text,
	"company" text,
	"accepts_marketing" boolean DEFAULT false NOT NULL,
	"erased_at" timestamptz,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	"version" integer DEFAULT 1 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."jwks" (
	"id" text PRIMARY KEY NOT NULL,
	"public_key" text NOT NULL,
	"private_key" text NOT NULL,
	"alg" text,
	"crv" text,
	"created_at" timestamp with time zone NOT NULL,
	"expires_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "users"."session" (
	"id" text PRIMARY KEY NOT NULL,
	"token" text NOT NULL,
	"user_id" text NOT NULL,
	"ip_address" text,
	"user_agent" text,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "session_token_unique" UNIQUE("token")
);
--> statement-breakpoint
CREATE TABLE "users"."staff_member" (
	"id" uuid PRIMARY KEY NOT NULL,
	"user_id" text NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"state" text DEFAULT 'active' NOT NULL,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "staff_member_user_unique" UNIQUE("user_id"),
	CONSTRAINT "staff_member_state" CHECK ("users"."staff_member"."state" in ('active', 'suspended'))
);
--> statement-breakpoint
CREATE TABLE "users"."staff_member_role" (
	"staff_id" uuid NOT NULL,
	"role" text NOT NULL,
	CONSTRAINT "staff_member_role_staff_id_role_pk" PRIMARY KEY("staff_id","role")
);
--> statement-breakpoint
CREATE TABLE "users"."staff_role" (
	"name" text PRIMARY KEY NOT NULL,
	"rights" text[] NOT NULL,
	"created_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "users"."user" (
	"id" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text NOT NULL,
	"email_verified" boolean DEFAULT false NOT NULL,
	"image" text,
	"two_factor_enabled" boolean DEFAULT false NOT NULL,
	"customer_id" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "user_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "users"."verification" (
	"id" text PRIMARY KEY NOT NULL,
	"identifier" text NOT NULL,
	"value" text NOT NULL,
	"expires_at" timestamp with time zone NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "users"."account" ADD CONSTRAINT "account_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."address" ADD CONSTRAINT "address_customer_id_customer_id_fk" FOREIGN KEY ("customer_id") REFERENCES "users"."customer"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."session" ADD CONSTRAINT "session_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."user"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."staff_member" ADD CONSTRAINT "staff_member_user_id_user_id_fk" FOREIGN KEY ("user_id") REFERENCES "users"."user"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."staff_member_role" ADD CONSTRAINT "staff_member_role_staff_id_staff_member_id_fk" FOREIGN KEY ("staff_id") REFERENCES "users"."staff_member"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "users"."staff_member_role" ADD CONSTRAINT "staff_member_role_role_staff_role_name_fk" FOREIGN KEY ("role") REFERENCES "users"."staff_role"("name") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "account_by_user" ON "users"."account" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "account_unique" ON "users"."account" USING btree ("provider_id","account_id");--> statement-breakpoint
CREATE INDEX "address_by_customer" ON "users"."address" USING btree ("customer_id");--> statement-breakpoint
CREATE UNIQUE INDEX "address_one_default_shipping" ON "users"."address" USING btree ("customer_id") WHERE "users"."address"."is_default_shipping";--> statement-breakpoint
CREATE UNIQUE INDEX "address_one_default_billing" ON "users"."address" USING btree ("customer_id") WHERE "users"."address"."is_default_billing";--> statement-breakpoint
CREATE INDEX "customer_by_email" ON "users"."customer" USING btree (lower("email"));--> statement-breakpoint
CREATE INDEX "customer_by_created" ON "users"."customer" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "session_by_user" ON "users"."session" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "session_expiry" ON "users"."session" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "verification_by_identifier" ON "users"."verification" USING btree ("identifier");