UPDATE "payments"."dispute" d SET "state" = 'won'
WHERE d.state = 'lost' AND EXISTS (
  SELECT FROM "payments"."payment_event" e WHERE e.payment_id = d.payment_id AND e.reference = d.reference AND e.type = 'dispute_won');
--> statement-breakpoint
UPDATE "payments"."payment" p
SET "refund_held" = least(p.captured - p.credited, l.sum + coalesce((
  SELECT sum(r.amount) FROM "payments"."refund" r WHERE r.payment_id = p.id AND r.state <> 'failed'), 0))
FROM (
  SELECT d.payment_id, d.currency, sum(d.amount) AS sum FROM "payments"."dispute" d WHERE d.state = 'lost' GROUP BY d.payment_id, d.currency
) l
WHERE l.payment_id = p.id AND l.currency = p.currency AND p.state = 'captured';
