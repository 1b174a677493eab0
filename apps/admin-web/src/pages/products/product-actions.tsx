import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Archive, Eye, EyeOff } from "lucide-react";
import { useState } from "react";
import { toast } from "sonner";
import { wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useShop } from "../../shell/shop.tsx";
import { useTRPC } from "../../trpc.ts";
import { Button } from "../../ui/button.tsx";
import { Confirm } from "../../ui/confirm.tsx";
import { basicsOf, editedLocale, type Product, type StatusAction, statusRefusal } from "./product.ts";

const told: Readonly<Record<StatusAction, string>> = {
  publish: "The product is in the shop now",
  unpublish: "The product is a draft now",
  archive: "The product is archived",
};

/** What can be done with the product as a whole. */
export function ProductActions({ product, isDirty }: { readonly product: Product; readonly isDirty: boolean }) {
  const missingRight = useRefusal("catalog:write");
  const [asking, setAsking] = useState<"unpublish" | "archive" | null>(null);
  const { change, isBusy } = useStatusChange(product, () => setAsking(null));
  const unsaved = isDirty ? "Save or discard your changes first" : null;
  const refusal = (action: StatusAction) => statusRefusal(product, action) ?? missingRight ?? unsaved;
  const isArchived = product.status === "archived";
  const name = basicsOf(product, editedLocale(product, useShop().locale)).title || product.slug;
  return (
    <>
      <Button disabledReason={refusal("archive")} onClick={() => setAsking("archive")}>
        <Archive aria-hidden="true" className="size-4" />
        Archive
      </Button>
      {product.status === "draft" ? (
        <Button variant="primary" disabledReason={refusal("publish")} isBusy={isBusy} onClick={() => change("publish")}>
          <Eye aria-hidden="true" className="size-4" />
          Publish
        </Button>
      ) : (
        <Button
          disabledReason={refusal("unpublish")}
          isBusy={isBusy}
          onClick={() => (isArchived ? change("unpublish") : setAsking("unpublish"))}
        >
          <EyeOff aria-hidden="true" className="size-4" />
          {isArchived ? "Bring back as draft" : "Unpublish"}
        </Button>
      )}
      <Confirm
        isOpen={asking !== null}
        onClose={() => setAsking(null)}
        title={asking === "archive" ? `Archive “${name}”?` : `Take “${name}” out of the shop?`}
        verb={asking === "archive" ? "Archive the product" : "Unpublish the product"}
        keep="Leave it"
        isDestructive={asking === "archive"}
        isBusy={isBusy}
        onConfirm={() => (asking ? change(asking) : undefined)}
      >
        <p className="text-ink-soft">
          Shoppers no longer find it, and carts that hold it cannot be ordered. Orders that were placed stay as they
          are.
          {asking === "archive" ? " Its SKUs and its slug stay taken. It can be brought back as a draft." : null}
        </p>
      </Confirm>
    </>
  );
}

function useStatusChange(product: Product, onDone: () => void) {
  const trpc = useTRPC();
  const queries = useQueryClient();
  const key = trpc.catalog.products.get.queryKey({ id: product.id });
  const after = (action: StatusAction) => ({
    onSuccess: (saved: Product) => {
      queries.setQueryData(key, saved);
      void queries.invalidateQueries({ queryKey: trpc.catalog.products.list.pathKey() });
      toast.success(told[action]);
      onDone();
    },
    onError: (error: unknown) => {
      toast.error(wordsOf(error));
      void queries.invalidateQueries({ queryKey: key });
      onDone();
    },
  });
  const publish = useMutation(trpc.catalog.products.publish.mutationOptions(after("publish")));
  const unpublish = useMutation(trpc.catalog.products.unpublish.mutationOptions(after("unpublish")));
  const archive = useMutation(trpc.catalog.products.archive.mutationOptions(after("archive")));
  const mutations = { publish, unpublish, archive };
  return {
    change: (action: StatusAction) => mutations[action].mutate({ id: product.id, version: product.version }),
    isBusy: publish.isPending || unpublish.isPending || archive.isPending,
  };
}
