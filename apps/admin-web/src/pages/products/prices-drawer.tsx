import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { toast } from "sonner";
import { amountText } from "../../form/amount.ts";
import { FormDialog } from "../../form/form-dialog.tsx";
import { counted } from "../../format.ts";
import { wordsOf } from "../../problems.ts";
import { useShop } from "../../shell/shop.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { TextField } from "../../ui/field.tsx";
import { ListPrices } from "./list-prices.tsx";
import { editedPrices, isPlain } from "./prices.ts";
import type { Product, Variant } from "./product.ts";

export interface PricesDrawerProps {
  readonly product: Product;
  /** The variant whose prices are edited; null closes the drawer. */
  readonly sku: string | null;
  readonly onClose: () => void;
}

/** What one variant costs in each currency of the shop. */
export function PricesDrawer({ product, sku, onClose }: PricesDrawerProps) {
  const variant = product.variants.find((candidate) => candidate.sku === sku);
  return (
    <FormDialog
      kind="drawer"
      isOpen={variant !== undefined}
      onClose={onClose}
      title="Prices"
      description={variant ? <code>{variant.sku}</code> : null}
    >
      {variant ? <PricesForm key={variant.sku} product={product} variant={variant} onDone={onClose} /> : null}
    </FormDialog>
  );
}

interface PricesFormProps {
  readonly product: Product;
  readonly variant: Variant;
  readonly onDone: () => void;
}

function PricesForm({ product, variant, onDone }: PricesFormProps) {
  const { currencies } = useShop();
  const trpc = useTRPC();
  const queries = useQueryClient();
  const [errors, setErrors] = useState<ReadonlyMap<string, string>>(new Map());
  const update = useMutation(
    trpc.catalog.products.change.mutationOptions({
      onSuccess: (saved) => {
        queries.setQueryData(trpc.catalog.products.get.queryKey({ id: product.id }), saved);
        void queries.invalidateQueries({ queryKey: trpc.catalog.products.list.pathKey() });
        toast.success(`Prices of ${variant.sku} saved`);
        onDone();
      },
      onError: (error) => toast.error(wordsOf(error)),
    }),
  );
  const save = (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const edits = currencies.map((currency) => ({ currency, text: String(form.get(currency) ?? "") }));
    const edited = editedPrices(variant.prices, edits);
    if (edited.kind === "wrong") return setErrors(edited.reasons);
    setErrors(new Map());
    const variants = product.variants.map((one) => (one.sku === variant.sku ? { ...one, prices: edited.prices } : one));
    update.mutate({ id: product.id, version: product.version, patch: { variants } });
  };
  const conditional = variant.prices.filter((price) => !isPlain(price)).length;
  return (
    <form onSubmit={save} className="grid gap-4" noValidate>
      {currencies.map((currency) => {
        const plain = variant.prices.find((price) => price.currency === currency && isPlain(price));
        return (
          <TextField
            key={currency}
            name={currency}
            label={currency}
            inputMode="decimal"
            autoComplete="off"
            className="text-right tabular-nums"
            defaultValue={plain ? amountText(plain.amount, currency) : ""}
            error={errors.get(currency)}
            hint={plain ? undefined : `Not sold in ${currency} yet`}
          />
        );
      })}
      {conditional > 0 ? (
        <p className="text-[13px] text-ink-soft">
          {counted(conditional, "further price")} for quantities, groups or a time stay as before.
        </p>
      ) : null}
      <ListPrices product={product} sku={variant.sku} />
      <div className="flex justify-end gap-2">
        <Button onClick={onDone}>Close</Button>
        <Button type="submit" variant="primary" isBusy={update.isPending}>
          {update.isPending ? "Saving…" : "Save prices"}
        </Button>
      </div>
    </form>
  );
}
