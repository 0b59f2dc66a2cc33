/**
 * Colors of a chart, as variables, so that one file reads in light, in dark and on paper. Contrast of text to ground is at least
 * 4.5 to 1 in each (WCAG 2.2, 1.4.3); nothing is said by color alone: every line has its label.
 */
const LIGHT =
  '--ground:#ffffff;--ink:#1f2328;--soft:#57606a;--grid:#e4e8ec;--curve:#0550ae;--fill:#0550ae22;--band0:#9a670014;--band1:#9a670026;--alarm:#a40e26;--mark:#57606a';
const DARK =
  '--ground:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--grid:#2a313a;--curve:#79c0ff;--fill:#79c0ff2b;--band0:#d2992218;--band1:#d299222e;--alarm:#ff9492;--mark:#9da7b1';

export const CHART_STYLE = [
  `.hindcast-chart{${LIGHT};font:12px ui-sans-serif,system-ui,"Segoe UI",Helvetica,Arial,sans-serif}`,
  `@media (prefers-color-scheme:dark){.hindcast-chart{${DARK}}}`,
  `@media print{.hindcast-chart{${LIGHT};print-color-adjust:exact}}`,
  '.hindcast-chart .ground{fill:var(--ground)}',
  '.hindcast-chart .title{fill:var(--ink);font-weight:600;font-size:13px}',
  '.hindcast-chart .label,.hindcast-chart .phase-name{fill:var(--soft)}',
  '.hindcast-chart .phase-name{font-style:italic;font-size:11px}',
  '.hindcast-chart .grid{stroke:var(--grid)}',
  '.hindcast-chart .axis,.hindcast-chart .tick{stroke:var(--soft)}',
  '.hindcast-chart .phase-0{fill:var(--band0)}',
  '.hindcast-chart .phase-1{fill:var(--band1)}',
  '.hindcast-chart .curve{fill:none;stroke:var(--curve);stroke-width:2}',
  '.hindcast-chart .fill{fill:var(--fill)}',
  '.hindcast-chart .threshold{stroke:var(--alarm);stroke-dasharray:6 4}',
  '.hindcast-chart .threshold-name{fill:var(--alarm)}',
  '.hindcast-chart .marker{stroke:var(--mark);stroke-dasharray:2 2}',
  '.hindcast-chart .marker-name{fill:var(--ink);font-size:11px}',
].join('');
