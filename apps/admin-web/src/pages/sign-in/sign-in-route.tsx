import { getRouteApi, useRouter } from "@tanstack/react-router";
import { safeTarget } from "../../paths.ts";
import { PageTitle } from "../../shell/page-title.tsx";
import { SignInPage } from "./sign-in.tsx";

const route = getRouteApi("/sign-in");

/** The staff's door, and from there to where they wanted to go. */
export function SignInRoute() {
  const router = useRouter();
  const { to } = route.useSearch();
  const enter = () => {
    // Nothing of whoever was signed in before may be seen.
    router.options.context.queries.clear();
    router.history.push(safeTarget(to));
  };
  return (
    <>
      <PageTitle>Sign in</PageTitle>
      <SignInPage onSignedIn={enter} />
    </>
  );
}
