CREATE FUNCTION "payments"."refuse_gift_card_rewrite"() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'entries of gift cards are only ever added'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'gift_card_entry_append_only';
END $$;
--> statement-breakpoint
CREATE TRIGGER "gift_card_entry_append_only"
  BEFORE UPDATE OR DELETE ON "payments"."gift_card_entry"
  FOR EACH ROW EXECUTE FUNCTION "payments"."refuse_gift_card_rewrite"();
--> statement-breakpoint
INSERT INTO "payments"."ledger_account" ("code", "kind") VALUES
  ('credits.liability', 'liability'),
  ('credits.granted', 'expense'),
  ('credits.sales', 'income'),
  ('credits.refunds', 'expense'),
  ('credits.expired', 'income');
