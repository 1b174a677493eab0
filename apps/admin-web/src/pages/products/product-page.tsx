import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { problemOf } from "../../problems.ts";
import { ScreenMissing, ScreenPending } from "../../shell/failures.tsx";
import { PageHeader } from "../../shell/page-header.tsx";
import { useShop } from "../../shell/shop.tsx";
import { useTRPC } from "../../trpc.ts";
import { BackLink } from "../../ui/back-link.tsx";
import { Card, Facts } from "../../ui/card.tsx";
import { Ago, CopyId } from "../../ui/data.tsx";
import { ErrorState } from "../../ui/states.tsx";
import { Thumbnail } from "../../ui/thumbnail.tsx";
import { BasicsForm } from "./basics-form.tsx";
import { basicsOf, editedLocale, type Product } from "./product.ts";
import { ProductActions } from "./product-actions.tsx";
import { ProductFields } from "./product-fields.tsx";
import { StatusBadge } from "./status-badge.tsx";
import { Variants } from "./variants.tsx";

const route = getRouteApi("/shell/products/$productId");

/** One product: what it is, whether the shop shows it, what its variants cost and how many there are. */
export function ProductPage() {
  const { productId } = route.useParams();
  const trpc = useTRPC();
  const { data, error, refetch } = useQuery({
    ...trpc.catalog.products.get.queryOptions({ id: productId }),
    // What is being edited must not change under the editor's hands; saving finds out whether somebody was faster.
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  });
  if (error && !data) {
    const { code } = problemOf(error);
    if (code === "not_found" || code === "validation_failed") return <ScreenMissing />;
    return <ErrorState error={error} onRetry={refetch} />;
  }
  return data ? <ProductSections key={data.id} product={data} /> : <ScreenPending />;
}

function ProductSections({ product }: { readonly product: Product }) {
  const { locale: shopLocale } = useShop();
  const [isDirty, setDirty] = useState(false);
  const locale = editedLocale(product, shopLocale);
  return (
    <>
      <PageHeader
        title={basicsOf(product, locale).title || product.slug}
        back={<BackLink to="/products">Products</BackLink>}
        aside={<StatusBadge status={product.status} />}
        actions={<ProductActions product={product} isDirty={isDirty} />}
      >
        <span>
          Changed <Ago at={product.updatedAt} />
        </span>
        <CopyId id={product.id} />
      </PageHeader>
      <div className="grid items-start gap-4 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <BasicsForm product={product} locale={locale} onDirty={setDirty} />
          <Variants product={product} />
          <ProductFields product={product} />
        </div>
        <div className="grid min-w-0 grid-cols-1 gap-4">
          <Pictures product={product} />
          <About product={product} locale={locale} />
        </div>
      </div>
    </>
  );
}

function About({ product, locale }: { readonly product: Product; readonly locale: string }) {
  return (
    <Card title="About">
      <Facts
        rows={[
          ["Slug", <CopyId key="slug" id={product.slug} />],
          [
            "Version",
            <span key="version" className="tabular-nums">
              {product.version}
            </span>,
          ],
          ["Created", <Ago key="created" at={product.createdAt} />],
          [
            "First published",
            product.publishedAt === null ? "Never" : <Ago key="published" at={product.publishedAt} />,
          ],
          ["Edited language", locale],
          [
            "Other languages",
            Object.keys(product.title)
              .filter((key) => key !== locale)
              .join(", ") || "None",
          ],
        ]}
      />
    </Card>
  );
}

const PICTURES_SHOWN = 8;

function Pictures({ product: { media } }: { readonly product: Product }) {
  if (media.length === 0) return null;
  return (
    <Card title="Pictures" aside={<span className="text-[13px] text-ink-faint">{media.length}</span>}>
      <ul className="grid grid-cols-4 gap-2">
        {media.slice(0, PICTURES_SHOWN).map(({ url, alt }) => (
          <li key={url} title={alt}>
            <Thumbnail url={url} className="aspect-square size-auto w-full" />
          </li>
        ))}
      </ul>
    </Card>
  );
}
