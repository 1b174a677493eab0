ALTER TABLE "payments"."refund_request" DROP CONSTRAINT "refund_request_amount";--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD COLUMN "given_outside" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "payments"."payment" ADD CONSTRAINT "payment_given_outside" CHECK (0 <= "payments"."payment"."given_outside");--> statement-breakpoint
ALTER TABLE "payments"."refund_request" ADD CONSTRAINT "refund_request_amount" CHECK ("payments"."refund_request"."amount" >= 0);--> statement-breakpoint
UPDATE "payments"."payment" p SET "given_outside" = g.sum FROM (
  SELECT r.payment_id, sum(r.amount) AS sum FROM "payments"."refund" r WHERE r.state = 'succeeded' AND r.key LIKE '%/outside/%' GROUP BY r.payment_id
) g WHERE g.payment_id = p.id;
