/** How the page looks. Colours have a meaning, the same in light and dark; shapes and words say it too. */
export const style = `
:root {
  color-scheme: light dark;
  --paper: #fafaf8; --card: #ffffff; --ink: #1b2127; --soft: #56616d; --line: #d9dde2; --tint: #f0f1f2;
  --link: #0a558c; --focus: #0a558c;
  --built: #1c6b48; --on-built: #ffffff; --cached: #566b80; --on-cached: #ffffff;
  --failed: #ad241b; --on-failed: #ffffff; --failed-tint: #fcf0ee;
  --skipped: #7d5200; --on-skipped: #ffffff; --warning: #7d5200; --warning-tint: #fbf5e6;
  --path: #0b0e11;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #14171a; --card: #1b1f24; --ink: #e5e9ed; --soft: #a3adb7; --line: #363d45; --tint: #23282e;
    --link: #83c0f5; --focus: #83c0f5;
    --built: #4fbf8b; --on-built: #04200f; --cached: #9db1c4; --on-cached: #10181f;
    --failed: #ff8579; --on-failed: #2b0502; --failed-tint: #2c1b1a;
    --skipped: #e2b552; --on-skipped: #231700; --warning: #e2b552; --warning-tint: #29241a;
    --path: #ffffff;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; scroll-padding-top: 1rem; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 400 0.9375rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
main, header, footer, nav { max-width: 71rem; margin: 0 auto; padding: 0 1.25rem; }
a { color: var(--link); text-underline-offset: 0.15em; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: 3px; }
.skip { position: absolute; left: -100vw; top: 0; background: var(--card); color: var(--link); padding: 0.6rem 1rem; z-index: 2; }
.skip:focus { left: 0; }
header { padding-top: 2.25rem; }
.kicker { margin: 0; color: var(--soft); letter-spacing: 0.02em; }
h1 { margin: 0.1rem 0 0.35rem; font-size: 2.1rem; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; overflow-wrap: anywhere; }
h2 { margin: 0 0 0.9rem; font-size: 1.2rem; line-height: 1.3; font-weight: 650; }
h3 { margin: 1.4rem 0 0.5rem; font-size: 1rem; font-weight: 650; overflow-wrap: anywhere; }
.lead { margin: 0; font-size: 1.05rem; overflow-wrap: anywhere; }
.verdict { font-weight: 600; } .verdict .mark { margin-right: 0.45rem; vertical-align: -0.06em; }
.verdict.done { color: var(--built); } .verdict.failed { color: var(--failed); } .verdict.stopped { color: var(--skipped); }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(7.4rem, 1fr)); gap: 1px; margin: 1.5rem 0 0; padding: 0;
  background: var(--line); border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.tiles div { background: var(--card); padding: 0.7rem 0.95rem 0.8rem; }
.tiles dt { color: var(--soft); font-size: 0.8125rem; display: flex; align-items: center; gap: 0.4rem; }
.tiles dd { margin: 0; font-size: 1.35rem; font-weight: 600; line-height: 1.35; font-variant-numeric: tabular-nums; }
.facts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 21rem), 1fr)); gap: 0.15rem 2rem; margin: 1.1rem 0 0; }
.facts div { display: flex; gap: 0.75rem; }
.facts dt { color: var(--soft); flex: 0 0 5.2rem; }
.facts dd { margin: 0; overflow-wrap: anywhere; min-width: 0; }
nav { margin-top: 1.4rem; }
nav ul { display: flex; flex-wrap: wrap; gap: 0.2rem 1.15rem; margin: 0; padding: 0.65rem 0; list-style: none; border-block: 1px solid var(--line); }
section { padding: 1.9rem 0 0.4rem; border-bottom: 1px solid transparent; }
section + section { border-top: 1px solid var(--line); margin-top: 1.6rem; }
p { margin: 0 0 0.8rem; max-width: 46rem; } .quiet { color: var(--soft); }
code, pre { font-family: ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 0.86em; }
pre { margin: 0.4rem 0; padding: 0.7rem 0.85rem; background: var(--tint); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; line-height: 1.5; }
.failure { border: 1px solid var(--line); border-left: 4px solid var(--failed); background: var(--failed-tint); border-radius: 6px; padding: 0.3rem 1rem 0.7rem; margin: 0 0 1rem; }
.failure h3 { margin-top: 0.6rem; } .failure pre { background: var(--card); } .failure table { background: var(--card); }
.hint { margin-top: 0.6rem; overflow-wrap: anywhere; }
.notes { list-style: none; margin: 0; padding: 0; }
.notes li { display: flex; gap: 0.75rem; padding: 0.4rem 0.75rem; border-left: 3px solid var(--line); margin-bottom: 0.4rem; }
.notes .warning { border-color: var(--warning); background: var(--warning-tint); }
.notes .tag { flex: 0 0 4.6rem; font-weight: 600; color: var(--soft); } .notes .warning .tag { color: var(--warning); }
.notes .text { white-space: pre-wrap; overflow-wrap: anywhere; min-width: 0; }
.legend { display: flex; flex-wrap: wrap; gap: 0.3rem 1.3rem; margin: 0 0 0.9rem; padding: 0; list-style: none; color: var(--soft); font-size: 0.875rem; }
.legend li { display: flex; gap: 0.4rem; align-items: center; }
.outcome { display: inline-flex; align-items: center; gap: 0.4rem; font-weight: 550; white-space: nowrap; color: var(--mark); }
.mark { flex: none; }
.built { --mark: var(--built); --on: var(--on-built); } .cached { --mark: var(--cached); --on: var(--on-cached); }
.failed { --mark: var(--failed); --on: var(--on-failed); } .skipped { --mark: var(--skipped); --on: var(--on-skipped); }
.shapes { position: absolute; }
.full { fill: var(--mark); } .sign { stroke: var(--on); stroke-width: 1.6; fill: none; stroke-linecap: round; }
.sign-out { stroke: var(--mark); stroke-width: 1.5; fill: none; }
.hollow { fill: none; stroke: var(--mark); stroke-width: 1.5; } .dashed { fill: none; stroke: var(--mark); stroke-width: 1.5; stroke-dasharray: 2.2 1.8; }
.line { stroke: var(--on-failed); stroke-width: 1.4; opacity: 0.55; }
.scroll { overflow-x: auto; max-width: 100%; position: relative; margin: 0.4rem 0 1.1rem; border-radius: 6px; }
.canvas { background: var(--card); border: 1px solid var(--line); padding: 0.5rem; overflow: auto; max-height: 46rem; }
.canvas svg { display: block; }
.canvas.grabbed { cursor: grabbing; user-select: none; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; color: var(--soft); padding: 0 0 0.45rem; font-size: 0.875rem; }
th, td { text-align: left; vertical-align: top; padding: 0.34rem 0.7rem 0.34rem 0; border-bottom: 1px solid var(--line); font-weight: 400; }
th:first-child, td:first-child { padding-left: 0.3rem; }
thead th { font-weight: 600; white-space: nowrap; border-bottom-color: var(--soft); font-size: 0.875rem; }
tbody th { min-width: 11rem; max-width: 30rem; overflow-wrap: anywhere; } tfoot th, tfoot td { font-weight: 600; border-bottom: 0; }
small { display: block; color: var(--soft); font-size: 0.8125rem; }
.number { text-align: right; white-space: nowrap; } .none { color: var(--soft); }
tr:target { background: var(--tint); outline: 2px solid var(--focus); outline-offset: -2px; }
thead button { font: inherit; color: inherit; background: none; border: 0; padding: 0; cursor: pointer; text-decoration: underline dotted; text-underline-offset: 0.2em; }
[aria-sort="ascending"] button::after { content: " ↑"; } [aria-sort="descending"] button::after { content: " ↓"; }
.tools { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; margin: 0 0 0.6rem; }
.tools[hidden] { display: none; }
.tools button, .tools input[type="search"] { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--soft); border-radius: 5px; padding: 0.25rem 0.7rem; }
.tools button { cursor: pointer; } .tools input[type="search"] { width: 15rem; max-width: 100%; }
.tools label { display: inline-flex; gap: 0.4rem; align-items: center; }
summary { cursor: pointer; color: var(--link); width: fit-content; } details { margin: 0.4rem 0; } .as-list li { margin: 0.15rem 0; overflow-wrap: anywhere; }
.back { fill: var(--tint); } .front { fill: var(--cached); } .gauge { display: inline-block; vertical-align: middle; }
svg text { fill: var(--ink); font: 13px/1 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", sans-serif; }
svg text.small { font-size: 11.5px; fill: var(--soft); font-variant-numeric: tabular-nums; } svg text.name { font-weight: 600; }
svg text.label { text-anchor: end; } svg text.at { text-anchor: middle; } svg text.said { text-anchor: end; paint-order: stroke; stroke: var(--card); stroke-width: 4px; }
svg text.strong { fill: var(--ink); font-weight: 600; }
.graph .box { fill: var(--card); stroke: var(--soft); } .graph a:hover .box { fill: var(--tint); }
.graph a:focus-visible { outline: none; } .graph a:focus-visible .box { stroke: var(--focus); stroke-width: 3; }
.arrow { fill: none; stroke: var(--soft); stroke-width: 1.25; opacity: 0.75; } .tip { fill: var(--soft); }
.tick { stroke: var(--line); fill: none; } .lane { fill: var(--tint); opacity: 0.55; } .queue { fill: var(--line); stroke: var(--soft); }
.bar .fill { fill: var(--mark); } .bar.cached .fill, .bar.skipped .fill { fill: var(--card); stroke: var(--mark); stroke-width: 1.2; }
.bar.skipped .fill { stroke-dasharray: 3 2; } .bar .hatch { fill: url(#lines); } .bar .path { fill: var(--path); }
svg .bar text.on { fill: var(--on); } svg .bar.cached text.on, svg .bar.skipped text.on { fill: var(--ink); }
.bar.failed text.on { paint-order: stroke; stroke: var(--failed); stroke-width: 3px; }
.bar:hover .fill { opacity: 0.85; }
footer { padding-block: 2.2rem 2.6rem; color: var(--soft); font-size: 0.875rem; }
@media (max-width: 40rem) {
  main, header, footer, nav { padding-inline: 0.9rem; } h1 { font-size: 1.6rem; } header { padding-top: 1.3rem; }
  .tiles { grid-template-columns: repeat(2, 1fr); } .tiles div:last-child:nth-child(odd) { grid-column: 1 / -1; } .notes li { flex-direction: column; gap: 0; } .notes .tag { flex: none; }
  .facts div { flex-direction: column; gap: 0; margin-bottom: 0.35rem; } .facts dt { flex: none; }
}
@media (prefers-reduced-motion: no-preference) { html { scroll-behavior: smooth; } }
@media print {
  :root { color-scheme: light; } body { background: #fff; font-size: 10pt; }
  nav, .tools, .skip { display: none; } .scroll, .canvas { overflow: visible; max-height: none; border: 0; padding: 0; }
  .canvas svg { width: 100%; height: auto; } section { break-inside: auto; } article, tr { break-inside: avoid; }
  details::details-content { content-visibility: visible; block-size: auto; }
}
`;
