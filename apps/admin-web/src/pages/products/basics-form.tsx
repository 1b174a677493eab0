import { standardSchemaResolver } from "@hookform/resolvers/standard-schema";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { useEffect, useState } from "react";
import { useForm } from "react-hook-form";
import { toast } from "sonner";
import { LeaveGuard } from "../../form/leave-guard.tsx";
import { SaveBar } from "../../form/save-bar.tsx";
import { problemOf, wordsOf } from "../../problems.ts";
import { useRefusal } from "../../shell/me.tsx";
import { useTRPC, useTRPCClient } from "../../trpc.ts";
import { Card } from "../../ui/card.tsx";
import { TextArea, TextField } from "../../ui/field.tsx";
import { Conflict } from "./conflict.tsx";
import { type Basics, basicsOf, basicsPatch, basicsSchema, type Product } from "./product.ts";

/** What was typed gives way as well. */
const REPLACE = { keepDirtyValues: false };

export interface BasicsFormProps {
  readonly product: Product;
  readonly locale: string;
  readonly onDirty: (isDirty: boolean) => void;
}

/** Title, description and brand in one language. Whoever saves second sees both versions and decides. */
export function BasicsForm({ product, locale, onDirty }: BasicsFormProps) {
  const missingRight = useRefusal("catalog:write");
  const form = useForm<Basics>({
    resolver: standardSchemaResolver(basicsSchema),
    values: basicsOf(product, locale),
    resetOptions: { keepDirtyValues: true },
  });
  const { errors, isDirty } = form.formState;
  useEffect(() => onDirty(isDirty), [isDirty, onDirty]);
  const { save, theirs, takeTheirs, saveMine, isSaving } = useSaveBasics({ product, locale, form });
  return (
    <Card title="Basics">
      <LeaveGuard isDirty={isDirty && !isSaving} what="this product" />
      <form onSubmit={form.handleSubmit(save)} className="grid gap-4" noValidate>
        {theirs ? (
          <Conflict
            mine={form.getValues()}
            theirs={basicsOf(theirs, locale)}
            onTakeTheirs={takeTheirs}
            onSaveMine={saveMine}
            isBusy={isSaving}
          />
        ) : null}
        <TextField
          label="Title"
          error={errors.title?.message}
          readOnly={missingRight !== null}
          {...form.register("title")}
        />
        <TextArea
          label="Description"
          rows={6}
          error={errors.description?.message}
          readOnly={missingRight !== null}
          {...form.register("description")}
        />
        <TextField
          label="Brand"
          error={errors.brand?.message}
          readOnly={missingRight !== null}
          {...form.register("brand")}
        />
        <SaveBar
          isDirty={isDirty}
          isSaving={isSaving}
          refusal={missingRight}
          verb="Save"
          onDiscard={() => form.reset(basicsOf(product, locale), REPLACE)}
        />
      </form>
    </Card>
  );
}

interface SaveDeps {
  readonly product: Product;
  readonly locale: string;
  readonly form: ReturnType<typeof useForm<Basics>>;
}

function useSaveBasics({ product, locale, form }: SaveDeps) {
  const trpc = useTRPC();
  const client = useTRPCClient();
  const queries = useQueryClient();
  const [theirs, setTheirs] = useState<Product | null>(null);
  const show = (saved: Product) => {
    queries.setQueryData(trpc.catalog.products.get.queryKey({ id: product.id }), saved);
    void queries.invalidateQueries({ queryKey: trpc.catalog.products.list.pathKey() });
    form.reset(basicsOf(saved, locale), REPLACE);
    setTheirs(null);
  };
  const onError = async (error: unknown) => {
    const { code, fields } = problemOf(error);
    if (code === "version_conflict") {
      return setTheirs(await client.catalog.products.get.query({ id: product.id }).catch(() => null));
    }
    for (const [path, message] of fields) {
      const field = (["title", "description", "brand"] as const).find((name) => path.includes(name));
      if (field) form.setError(field, { message });
    }
    toast.error(wordsOf(error));
  };
  const update = useMutation(
    trpc.catalog.products.change.mutationOptions({
      onSuccess: (saved) => {
        show(saved);
        toast.success("Saved");
      },
      onError,
    }),
  );
  const write = (base: Product, basics: Basics) =>
    update.mutate({ id: base.id, version: base.version, patch: basicsPatch(base, locale, basics) });
  return {
    save: (basics: Basics) => write(product, basics),
    theirs,
    takeTheirs: () => (theirs ? show(theirs) : undefined),
    saveMine: () => (theirs ? write(theirs, form.getValues()) : undefined),
    isSaving: update.isPending,
  };
}
