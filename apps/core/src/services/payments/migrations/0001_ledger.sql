-- Every entry's posting must add up to zero in each currency by the time the transaction commits.
CREATE FUNCTION "payments"."refuse_unbalanced_posting"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (
    SELECT 1 FROM "payments"."ledger_entry"
    WHERE "posting_key" = coalesce(NEW."posting_key", OLD."posting_key")
    GROUP BY "currency" HAVING sum("amount") <> 0
  ) THEN
    RAISE EXCEPTION 'ledger posting % does not add up to zero', coalesce(NEW."posting_key", OLD."posting_key")
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_posting_balance';
  END IF;
  RETURN NULL;
END $$;
--> statement-breakpoint
CREATE CONSTRAINT TRIGGER "ledger_posting_balance"
  AFTER INSERT OR UPDATE OR DELETE ON "payments"."ledger_entry"
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION "payments"."refuse_unbalanced_posting"();
--> statement-breakpoint
INSERT INTO "payments"."ledger_account" ("code", "kind")
SELECT provider || '.' || name, kind
FROM unnest(ARRAY['stripe', 'paypal', 'manual']) AS provider,
  (VALUES ('held', 'memo'), ('committed', 'memo'), ('balance', 'asset'), ('sales', 'income'), ('refunds', 'expense'), ('disputes', 'expense')) AS account (name, kind);
