CREATE SCHEMA "platform";
--> statement-breakpoint
CREATE TABLE "platform"."audit_log" (
	"seq" bigserial PRIMARY KEY NOT NULL,
	"at" timestamptz NOT NULL,
	"actor_kind" text NOT NULL,
	"actor_id" text NOT NULL,
	"actor_name" text NOT NULL,
	"action" text NOT NULL,
	"entity" text NOT NULL,
	"entity_id" text NOT NULL,
	"before" jsonb,
	"after" jsonb,
	"request_id" text,
	"previous_hash" text NOT NULL,
	"hash" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "platform"."dead_letter" (
	"id" uuid PRIMARY KEY NOT NULL,
	"source" text NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"error" text NOT NULL,
	"attempts" integer NOT NULL,
	"created_at" timestamptz NOT NULL,
	"replayed_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "platform"."idempotency_key" (
	"scope" text NOT NULL,
	"key" text NOT NULL,
	"request_hash" text NOT NULL,
	"answer" jsonb,
	"created_at" timestamptz NOT NULL,
	"expires_at" timestamptz NOT NULL,
	CONSTRAINT "idempotency_key_scope_key_pk" PRIMARY KEY("scope","key")
);
--> statement-breakpoint
CREATE TABLE "platform"."inbox" (
	"consumer" text NOT NULL,
	"message_id" text NOT NULL,
	"received_at" timestamptz NOT NULL,
	CONSTRAINT "inbox_consumer_message_id_pk" PRIMARY KEY("consumer","message_id")
);
--> statement-breakpoint
CREATE TABLE "platform"."job" (
	"id" uuid PRIMARY KEY NOT NULL,
	"kind" text NOT NULL,
	"state" text NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"total" integer,
	"result" jsonb,
	"cancel_requested" boolean DEFAULT false NOT NULL,
	"started_by" text NOT NULL,
	"started_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
CREATE TABLE "platform"."outbox" (
	"id" uuid PRIMARY KEY NOT NULL,
	"channel" text NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"payload" jsonb NOT NULL,
	"traceparent" text,
	"created_at" timestamptz NOT NULL,
	"available_at" timestamptz NOT NULL,
	"claimed_until" timestamptz,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"sent_at" timestamptz,
	CONSTRAINT "outbox_channel" CHECK ("platform"."outbox"."channel" in ('queue', 'projection'))
);
--> statement-breakpoint
CREATE TABLE "platform"."saga" (
	"id" uuid PRIMARY KEY NOT NULL,
	"type" text NOT NULL,
	"key" text NOT NULL,
	"state" text NOT NULL,
	"input" jsonb NOT NULL,
	"failure" jsonb,
	"abort" jsonb,
	"is_past_pivot" boolean DEFAULT false NOT NULL,
	"attempts" integer DEFAULT 0 NOT NULL,
	"fence" integer DEFAULT 0 NOT NULL,
	"wakes" integer DEFAULT 0 NOT NULL,
	"lease_until" timestamptz,
	"wake_at" timestamptz,
	"deadline_at" timestamptz,
	"created_at" timestamptz NOT NULL,
	"updated_at" timestamptz NOT NULL,
	CONSTRAINT "saga_state" CHECK ("platform"."saga"."state" in ('running', 'waiting', 'unwinding', 'done', 'unwound', 'stuck')),
	CONSTRAINT "saga_wakes" CHECK ("platform"."saga"."wake_at" is not null or "platform"."saga"."state" in ('done', 'unwound', 'stuck'))
);
--> statement-breakpoint
CREATE TABLE "platform"."saga_step" (
	"saga_id" uuid NOT NULL,
	"name" text NOT NULL,
	"position" integer NOT NULL,
	"state" text NOT NULL,
	"output" jsonb,
	"attempts" integer DEFAULT 0 NOT NULL,
	"last_error" text,
	"started_at" timestamptz NOT NULL,
	"finished_at" timestamptz,
	CONSTRAINT "saga_step_saga_id_name_pk" PRIMARY KEY("saga_id","name")
);
--> statement-breakpoint
CREATE TABLE "platform"."setting" (
	"name" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"updated_at" timestamptz NOT NULL
);
--> statement-breakpoint
ALTER TABLE "platform"."saga_step" ADD CONSTRAINT "saga_step_saga_id_saga_id_fk" FOREIGN KEY ("saga_id") REFERENCES "platform"."saga"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "audit_entity" ON "platform"."audit_log" USING btree ("entity","entity_id");--> statement-breakpoint
CREATE UNIQUE INDEX "audit_chain" ON "platform"."audit_log" USING btree ("previous_hash");--> statement-breakpoint
CREATE INDEX "dead_letter_open" ON "platform"."dead_letter" USING btree ("created_at") WHERE "platform"."dead_letter"."replayed_at" is null;--> statement-breakpoint
CREATE INDEX "idempotency_expiry" ON "platform"."idempotency_key" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "inbox_received" ON "platform"."inbox" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "job_recent" ON "platform"."job" USING btree ("started_at");--> statement-breakpoint
CREATE INDEX "outbox_waiting" ON "platform"."outbox" USING btree ("available_at") WHERE "platform"."outbox"."sent_at" is null;--> statement-breakpoint
CREATE INDEX "outbox_sent" ON "platform"."outbox" USING btree ("sent_at") WHERE "platform"."outbox"."sent_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "saga_one_per_key" ON "platform"."saga" USING btree ("type","key");--> statement-breakpoint
CREATE INDEX "saga_wake" ON "platform"."saga" USING btree ("wake_at") WHERE "platform"."saga"."wake_at" is not null;--> statement-breakpoint
CREATE INDEX "saga_stuck" ON "platform"."saga" USING btree ("updated_at") WHERE "platform"."saga"."state" = 'stuck';