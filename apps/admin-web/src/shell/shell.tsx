import { Link, Outlet } from "@tanstack/react-router";
import { Search } from "lucide-react";
import { lazy, Suspense, useCallback, useEffect, useState } from "react";
import { cn } from "../ui/cn.ts";
import { useMe } from "./me.tsx";
import { type Screen, screensFor } from "./screens.ts";
import { modifier, ShortcutHelp, useShortcuts } from "./shortcuts.tsx";
import { Who, whoStyle } from "./who.tsx";

const loadPalette = () => import("./palette.tsx");
const Palette = lazy(loadPalette);
// The menu brings its own machinery; the name on it is there at once.
const UserMenu = lazy(() => import("./user-menu.tsx"));
/** The palette comes after everything that the first screen needs, so that the first letters typed into it are not lost. */
const PALETTE_AFTER_MS = 1_500;

/** The frame of every screen: navigation at the side, on a phone at the bottom. */
export function Shell() {
  const screens = screensFor(useMe());
  const [open, setOpen] = useState<"palette" | "help" | null>(null);
  const openPalette = useCallback(() => setOpen("palette"), []);
  const openHelp = useCallback(() => setOpen("help"), []);
  useShortcuts({ screens, openPalette, openHelp });
  useEffect(() => {
    const timer = setTimeout(loadPalette, PALETTE_AFTER_MS);
    return () => clearTimeout(timer);
  }, []);
  const close = () => setOpen(null);
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[13.5rem_minmax(0,1fr)]">
      <a href="#content" className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:bg-surface focus:p-2">
        Skip to content
      </a>
      <Header screens={screens} onFind={openPalette} />
      <main id="content" tabIndex={-1} className="min-w-0 px-4 pt-5 pb-24 outline-none md:px-8 md:pb-12">
        <Outlet />
      </main>
      <Navigation
        isShort
        screens={screens}
        className="fixed inset-x-0 bottom-0 z-30 grid auto-cols-fr grid-flow-col border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] md:hidden"
      />
      {open === "palette" ? (
        <Suspense fallback={null}>
          <Palette screens={screens} onClose={close} />
        </Suspense>
      ) : null}
      <ShortcutHelp isOpen={open === "help"} onClose={close} screens={screens} />
    </div>
  );
}

function Header({ screens, onFind }: { readonly screens: readonly Screen[]; readonly onFind: () => void }) {
  return (
    <header className="sticky top-0 z-30 flex items-center gap-2 border-b border-line bg-surface px-3 py-2 md:static md:h-dvh md:flex-col md:items-stretch md:border-r md:border-b-0 md:p-3 md:sticky">
      <Link to="/" className="flex items-center gap-2 px-2 py-1 font-semibold">
        <img src="/icon.svg" alt="" className="size-6" />
        <span className="text-base">Stoa</span>
      </Link>
      <button
        type="button"
        onClick={onFind}
        className="ml-auto flex items-center gap-2 rounded-md border border-line bg-sunken px-2.5 py-2 text-ink-faint hover:text-ink md:ml-0 md:py-1.5"
      >
        <Search aria-hidden="true" className="size-4" />
        <span className="hidden md:inline">Find…</span>
        <span className="sr-only md:hidden">Find</span>
        <kbd className="ml-auto hidden font-mono text-[11px] md:inline">{modifier}K</kbd>
      </button>
      <Navigation screens={screens} className="hidden md:grid" />
      <div className="md:mt-auto">
        <Suspense
          fallback={
            <div className={whoStyle}>
              <Who />
            </div>
          }
        >
          <UserMenu />
        </Suspense>
      </div>
    </header>
  );
}

interface NavigationProps {
  readonly screens: readonly Screen[];
  /** Where a phone has little room for names. */
  readonly isShort?: boolean;
  readonly className: string;
}

function Navigation({ screens, isShort, className }: NavigationProps) {
  return (
    <nav aria-label="Screens" className={cn("gap-0.5", className)}>
      {screens.map(({ name, short, path, icon: Icon }) => (
        <Link
          key={path}
          to={path}
          className="flex flex-col items-center gap-0.5 rounded-md px-1 py-1.5 text-center text-[11px] text-ink-soft hover:bg-sunken hover:text-ink md:flex-row md:gap-2.5 md:px-2 md:text-sm"
          activeProps={{ className: "bg-accent-soft !text-accent font-medium", "aria-current": "page" }}
        >
          <Icon aria-hidden="true" className="size-5 md:size-4" />
          {isShort ? short : name}
        </Link>
      ))}
    </nav>
  );
}
