import { createContext, type ReactNode, useContext } from "react";
import type { Outputs } from "../trpc.ts";

export type Shop = Outputs["system"]["shop"];

const ShopContext = createContext<Shop | null>(null);

export function ShopProvider({ shop, children }: { readonly shop: Shop; readonly children: ReactNode }) {
  return <ShopContext value={shop}>{children}</ShopContext>;
}

export function useShop(): Shop {
  const shop = useContext(ShopContext);
  if (!shop) throw new Error("no shop has been loaded here");
  return shop;
}
