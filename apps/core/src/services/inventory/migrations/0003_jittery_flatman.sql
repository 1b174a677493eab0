-- The address of a location is neither read nor written any more. The release before does both and may run beside this one, so the
-- next release drops the column: ALTER TABLE "inventory"."location" DROP COLUMN "address";
SELECT 1;
