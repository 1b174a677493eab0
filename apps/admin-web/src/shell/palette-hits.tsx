import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { ListFilter, Package, Receipt } from "lucide-react";
import { useEffect, useState } from "react";
import { inWords } from "../format.ts";
import { useTRPC } from "../trpc.ts";
import { Amount } from "../ui/data.tsx";
import { Group, itemStyle } from "./palette-group.tsx";
import type { Screen } from "./screens.ts";

const HITS = 3;
const PAUSE_MS = 150;

export interface PaletteHitsProps {
  readonly words: string;
  readonly screens: readonly Screen[];
  /** Closes the palette and then acts. */
  readonly pick: (act: () => unknown) => () => void;
}

/** The first orders and products that match, and the way to all of them. */
export function PaletteHits({ words, screens, pick }: PaletteHitsProps) {
  const settled = useSettled(words);
  const sees = (right: Screen["right"]) => screens.some((screen) => screen.right === right);
  return (
    <>
      {sees("orders:read") ? <OrderHits words={settled} pick={pick} /> : null}
      {sees("catalog:read") ? <ProductHits words={settled} pick={pick} /> : null}
      <SearchIn words={words} screens={screens} pick={pick} />
    </>
  );
}

type HitsProps = Omit<PaletteHitsProps, "screens">;

function OrderHits({ words, pick }: HitsProps) {
  const trpc = useTRPC();
  const navigate = useNavigate();
  const { data } = useQuery({
    ...trpc.orders.staff.list.queryOptions({ search: words, limit: HITS }),
    placeholderData: keepPreviousData,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <Group heading="Orders">
      {data.items.map((order) => (
        <Command.Item
          key={order.id}
          value={order.id}
          className={itemStyle}
          onSelect={pick(() => navigate({ to: "/orders/$orderId", params: { orderId: order.id } }))}
        >
          <Receipt aria-hidden="true" className="size-4 shrink-0" />
          <span className="font-medium">{order.number}</span>
          <span className="truncate text-ink-soft">{order.email}</span>
          <span className="ml-auto flex shrink-0 gap-3 text-[13px] text-ink-soft">
            {inWords(order.state)} <Amount value={order.totals.total} />
          </span>
        </Command.Item>
      ))}
    </Group>
  );
}

function ProductHits({ words, pick }: HitsProps) {
  const trpc = useTRPC();
  const navigate = useNavigate();
  const { data } = useQuery({
    ...trpc.catalog.products.list.queryOptions({ search: words, limit: HITS }),
    placeholderData: keepPreviousData,
  });
  if (!data || data.items.length === 0) return null;
  return (
    <Group heading="Products">
      {data.items.map((product) => (
        <Command.Item
          key={product.id}
          value={product.id}
          className={itemStyle}
          onSelect={pick(() => navigate({ to: "/products/$productId", params: { productId: product.id } }))}
        >
          <Package aria-hidden="true" className="size-4 shrink-0" />
          <span className="truncate font-medium">{product.title}</span>
          <span className="ml-auto shrink-0 text-[13px] text-ink-soft">{inWords(product.status)}</span>
        </Command.Item>
      ))}
    </Group>
  );
}

/** The lists themselves, searched for the same words. */
function SearchIn({ words, screens, pick }: PaletteHitsProps) {
  const navigate = useNavigate();
  return (
    <Group heading="Search">
      {screens
        .filter((screen) => screen.isSearchable)
        .map(({ name, path }) => (
          <Command.Item
            key={path}
            value={`search ${name}`}
            className={itemStyle}
            onSelect={pick(() => navigate({ to: path, search: { q: words } }))}
          >
            <ListFilter aria-hidden="true" className="size-4 shrink-0" />
            <span className="truncate">
              All in {name} for “{words}”
            </span>
          </Command.Item>
        ))}
    </Group>
  );
}

/** What was typed once the typing pauses. */
function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(() => setSettled(text), PAUSE_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
