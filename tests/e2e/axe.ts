import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

/**
 * Nothing that axe knows stands in anybody's way on what is shown now; a breach is told with the elements that it is about.
 * @param besides rules that what is shown need not keep
 */
export async function axeFindsNothing(page: Page, besides: string[] = []): Promise<void> {
  const { violations } = await new AxeBuilder({ page }).disableRules(besides).analyze();
  expect(violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html).join(" ")}`)).toEqual([]);
}
