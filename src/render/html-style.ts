/** The look of the page, with no font and no image from elsewhere. Contrast holds in light, dark and print (WCAG 2.2, 1.4.3). */
export const HTML_STYLE = `
:root{--ground:#fff;--ink:#1f2328;--soft:#57606a;--line:#d8dee4;--band:#f6f8fa;--link:#0550ae;--mark:#9a6700;--plus:#0f5323;--plus-ground:#dafbe1;--minus:#82071e;--minus-ground:#ffebe9}
@media (prefers-color-scheme:dark){:root{--ground:#0d1117;--ink:#e6edf3;--soft:#9da7b1;--line:#30363d;--band:#161b22;--link:#79c0ff;--mark:#e3b341;--plus:#aff5b4;--plus-ground:#0f2d1a;--minus:#ffdcd7;--minus-ground:#3c1618}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:16px/1.55 ui-sans-serif,system-ui,-apple-system,"Segoe UI",Helvetica,Arial,sans-serif}
main{max-width:60rem;margin:0 auto;padding:2rem 1.25rem 4rem}
h1{font-size:1.75em;line-height:1.25;margin:0 0 1rem;overflow-wrap:anywhere}
h2{font-size:1.3em;margin:2.25rem 0 .75rem;padding-bottom:.3rem;border-bottom:1px solid var(--line)}
a{color:var(--link)}
code{font:.85em ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.facts{display:grid;gap:.15rem;margin:0}
.facts div{display:flex;gap:.75rem}
.facts dt{flex:0 0 9rem;color:var(--soft)}
.facts dd{margin:0;overflow-wrap:anywhere}
nav ul{display:flex;flex-wrap:wrap;gap:.25rem 1rem;padding:0;margin:1.25rem 0 0;list-style:none;font-size:.9em}
p,li,td{overflow-wrap:anywhere}
.table{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.95em}
th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid var(--line)}
th{color:var(--soft);font-weight:600}
tbody tr:nth-child(even){background:var(--band)}
table.row td:last-child{overflow-wrap:break-word}
table.row td:first-child{white-space:nowrap;font-variant-numeric:tabular-nums}
.cites{font-size:.7em;margin-left:.15em;white-space:nowrap}
.cites a{text-decoration:none}
td .cites{margin-left:0}
.whole{white-space:nowrap}
.question,.note{border-left:3px solid var(--mark);padding:.15rem 0 .15rem .9rem;margin:.75rem 0}
.note{border-color:var(--line);color:var(--soft)}
.human{text-decoration:underline dotted var(--soft) 1px;text-underline-offset:.25em}
.now{color:var(--soft);font-style:italic}
figure{margin:1.25rem 0}
figure svg{width:100%;height:auto;display:block}
figcaption{font-size:.9em;color:var(--soft);margin:.4rem 0}
pre{background:var(--band);border:1px solid var(--line);border-radius:6px;padding:.8rem 1rem;overflow-x:auto;font-size:.85em;line-height:1.45;margin:.4rem 0}
pre ins{text-decoration:none;color:var(--plus);background:var(--plus-ground)}
pre del{text-decoration:none;color:var(--minus);background:var(--minus-ground)}
.sources{font-size:.85em;color:var(--soft);padding-left:2.2rem}
:target{outline:2px solid var(--mark);outline-offset:2px}
@media (min-width:641px){th{white-space:nowrap}table.metric td:nth-child(2){min-width:11.5em}}
@media (max-width:640px){.facts div{flex-direction:column;gap:0;margin-bottom:.35rem}.facts dt{flex:none}table.action td:first-child{min-width:9.5em}}
@media print{
:root{--ground:#fff;--ink:#000;--soft:#333;--line:#bbb;--band:#fff;--link:#000;--plus:#000;--minus:#000;--plus-ground:#fff;--minus-ground:#fff}
body{font-size:10.5pt}
main{max-width:none;padding:0}
nav{display:none}
h2{break-after:avoid}
tr,figure,.question,.note{break-inside:avoid}
thead{display:table-header-group}
pre{white-space:pre-wrap}
.table{overflow:visible}
.sources a[href^="http"]::after{content:" (" attr(href) ")";overflow-wrap:anywhere}
}
`.replaceAll('\n', '');
