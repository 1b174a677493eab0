/** The pages' whole style sheet, inline; the policy allows exactly this text by its hash. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f3f5f7; --card: #ffffff; --ink: #16202a; --soft: #54616e; --line: #d5dbe1; --accent: #0b5cad; --accent-ink: #ffffff; --warn: #fff3cd; --warn-ink: #5c4400; }
@media (prefers-color-scheme: dark) { :root { --ground: #11161b; --card: #1b232b; --ink: #eef2f5; --soft: #a7b4c0; --line: #36424d; --accent: #6cb2ff; --accent-ink: #06213d; --warn: #3d3211; --warn-ink: #ffe9a8; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.banner { margin: 0; padding: 12px 16px; background: var(--warn); color: var(--warn-ink); text-align: center; }
main { width: min(100% - 32px, 440px); margin: 32px auto; padding: 24px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
.provider { margin: 0; font-weight: 700; }
.provider span { font-weight: 400; color: var(--soft); }
h1 { margin: 8px 0 16px; font-size: 24px; line-height: 1.25; }
dl { margin: 0 0 24px; }
dl div { display: flex; gap: 16px; justify-content: space-between; padding: 8px 0; border-bottom: 1px solid var(--line); }
dt { color: var(--soft); }
dd { margin: 0; text-align: right; overflow-wrap: anywhere; min-width: 0; }
.amount dd { font-size: 20px; font-weight: 700; }
button { display: block; width: 100%; min-height: 48px; margin-top: 12px; padding: 8px 16px; border: 1px solid var(--line); border-radius: 8px; background: transparent; color: inherit; font: inherit; cursor: pointer; }
button.pay { border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-weight: 700; }
button:hover { filter: brightness(1.08); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
a { color: var(--accent); overflow-wrap: anywhere; }
.hint { margin: 16px 0 0; color: var(--soft); font-size: 14px; }
`;
