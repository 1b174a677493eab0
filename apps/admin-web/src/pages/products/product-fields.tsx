import { useMutation, useQueryClient } from "@tanstack/react-query";
import { mergedValues } from "../../fields/field.ts";
import { FieldValuesForm } from "../../fields/field-values.tsx";
import { useFields } from "../../fields/use-fields.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC } from "../../trpc.ts";
import { Card } from "../../ui/card.tsx";
import { Dialog } from "../../ui/dialog.tsx";
import type { Product } from "./product.ts";

function useSaveProduct(product: Product) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  return useMutation(
    trpc.catalog.products.change.mutationOptions({
      onSuccess: (saved) => queries.setQueryData(trpc.catalog.products.get.queryKey({ id: product.id }), saved),
    }),
  );
}

/** What the shop's own fields say of a product; nothing where the shop has defined none. */
export function ProductFields({ product }: { readonly product: Product }) {
  const fields = useFields("product");
  const refusal = useRefusal("catalog:write");
  const { mutateAsync, isPending } = useSaveProduct(product);
  if (fields.length === 0) return null;
  const { id, version, customFields = {} } = product;
  return (
    <Card title="Custom fields">
      <FieldValuesForm
        key={id}
        fields={fields}
        values={customFields}
        isSaving={isPending}
        refusal={refusal}
        what="this product's fields"
        onSave={(patch) => mutateAsync({ id, version, patch: { customFields: mergedValues(customFields, patch) } })}
      />
    </Card>
  );
}

export interface VariantFieldsProps {
  readonly product: Product;
  /** The variant whose fields are edited; null closes the drawer. */
  readonly sku: string | null;
  readonly onClose: () => void;
}

/** The same for one of its variants. */
export function VariantFieldsDrawer({ product, sku, onClose }: VariantFieldsProps) {
  const fields = useFields("variant");
  const refusal = useRefusal("catalog:write");
  const { mutateAsync, isPending } = useSaveProduct(product);
  const variant = product.variants.find((candidate) => candidate.sku === sku);
  const { id, version, variants } = product;
  return (
    <Dialog
      kind="drawer"
      isOpen={variant !== undefined}
      onClose={onClose}
      title="Custom fields"
      description={variant ? <code>{variant.sku}</code> : null}
    >
      {variant ? (
        <FieldValuesForm
          key={variant.sku}
          fields={fields}
          values={variant.customFields ?? {}}
          isSaving={isPending}
          refusal={refusal}
          what="this variant's fields"
          onSave={(patch) => {
            const customFields = mergedValues(variant.customFields ?? {}, patch);
            const all = variants.map((one) => (one.sku === variant.sku ? { ...one, customFields } : one));
            return mutateAsync({ id, version, patch: { variants: all } });
          }}
        />
      ) : null}
    </Dialog>
  );
}
