/** The mailbox's whole style sheet, inline; the policy allows exactly this text by its hash. */
export const STYLE = `
:root { color-scheme: light dark; --ground: #f3f5f7; --card: #ffffff; --ink: #16202a; --soft: #54616e; --line: #d5dbe1; --accent: #0b5cad; --accent-ink: #ffffff; --warn: #fff3cd; --warn-ink: #5c4400; }
@media (prefers-color-scheme: dark) { :root { --ground: #11161b; --card: #1b232b; --ink: #eef2f5; --soft: #a7b4c0; --line: #36424d; --accent: #6cb2ff; --accent-ink: #06213d; --warn: #3d3211; --warn-ink: #ffe9a8; } }
* { box-sizing: border-box; }
body { margin: 0; min-height: 100vh; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.banner { margin: 0; padding: 8px 16px; background: var(--warn); color: var(--warn-ink); text-align: center; font-size: 14px; }
main { width: min(100% - 32px, 960px); margin: 24px auto; }
h1 { margin: 0; font-size: 24px; line-height: 1.25; overflow-wrap: anywhere; }
header { display: flex; flex-wrap: wrap; gap: 16px; align-items: end; justify-content: space-between; margin-bottom: 16px; }
.search { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; }
.search label { color: var(--soft); font-size: 14px; }
input, button { min-height: 40px; padding: 4px 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--card); color: inherit; font: inherit; min-width: 0; }
input { flex: 1 1 180px; }
button { border-color: var(--accent); background: var(--accent); color: var(--accent-ink); font-weight: 600; cursor: pointer; }
a { color: var(--accent); }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.mails { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 12px; overflow: hidden; }
.mails li + li { border-top: 1px solid var(--line); }
.mails a { display: grid; grid-template-columns: minmax(0, 1fr) 260px 130px auto; gap: 4px 16px; align-items: center; padding: 12px 16px; color: inherit; text-decoration: none; }
.mails a:hover { background: var(--ground); }
.mails a:focus-visible { outline-offset: -3px; }
.subject { font-weight: 600; overflow-wrap: anywhere; }
.to, time { color: var(--soft); font-size: 14px; overflow-wrap: anywhere; }
time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.mark { display: inline-block; margin-right: 4px; padding: 0 8px; border: 1px solid var(--line); border-radius: 99px; color: var(--soft); font-size: 13px; white-space: nowrap; }
.mark.warn { border-color: transparent; background: var(--warn); color: var(--warn-ink); }
.empty { padding: 48px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; text-align: center; color: var(--soft); }
.back { margin: 0 0 8px; }
.when { margin: 4px 0 16px; }
dl { margin: 0 0 16px; padding: 4px 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; }
dl div { display: flex; gap: 16px; padding: 8px 0; }
dl div + div { border-top: 1px solid var(--line); }
dt { flex: 0 0 96px; color: var(--soft); }
dd { margin: 0; min-width: 0; overflow-wrap: anywhere; }
.files { margin: 0 0 16px; padding-left: 24px; }
nav { display: flex; flex-wrap: wrap; gap: 4px 16px; margin-bottom: 8px; }
nav a { padding: 8px 0; }
nav a[aria-current] { color: inherit; font-weight: 700; text-decoration: none; border-bottom: 3px solid var(--accent); }
iframe { display: block; width: 100%; height: 70vh; border: 1px solid var(--line); border-radius: 12px; background: #ffffff; color-scheme: light; }
pre { margin: 0; padding: 16px; background: var(--card); border: 1px solid var(--line); border-radius: 12px; white-space: pre-wrap; overflow-wrap: anywhere; font: 14px/1.5 ui-monospace, monospace; }
@media (max-width: 640px) { .mails a { grid-template-columns: minmax(0, 1fr) auto; } .mails .subject { grid-column: 1 / -1; } .mails .to { grid-column: 1 / -1; } .search { width: 100%; } dl div { flex-direction: column; gap: 0; } dt { flex: none; font-size: 14px; } }
`;
