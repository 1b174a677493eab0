import { getRouteApi } from "@tanstack/react-router";
import { MeProvider } from "./me.tsx";
import { Shell } from "./shell.tsx";
import { ShopProvider } from "./shop.tsx";

const route = getRouteApi("/shell");

/** What every screen knows: who is signed in, and whose shop it is. */
export function ShellLayout() {
  const { me, shop } = route.useRouteContext();
  return (
    <MeProvider me={me}>
      <ShopProvider shop={shop}>
        <Shell />
      </ShopProvider>
    </MeProvider>
  );
}
