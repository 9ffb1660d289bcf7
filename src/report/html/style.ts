// The style of the page: light, dark, on paper, and on a telephone. Nothing in it comes from a run.

import { pictureStyle } from "../ranking/time-and-money.ts";

/** The style of marks, for the page and for a plot that stands alone. */
export const markStyle = `
.grid{stroke:var(--line);stroke-width:1}.one{stroke:var(--ink-2);stroke-width:1.25}
.reach{stroke:var(--c);stroke-width:1.6}.range{stroke-dasharray:2 3}.dot{fill:var(--c);stroke:var(--c);stroke-width:1.6}
.real{--c:var(--real)}.cpu{--c:var(--cpu)}.cpu .dot{fill:var(--paper)}
.unsure{opacity:.5}
text{fill:var(--ink-2);font:12px/1 var(--sans);font-variant-numeric:tabular-nums}
`;

export const lightColours = `--paper:#fff;--panel:#f6f7f8;--ink:#16191d;--ink-2:#5b6470;--line:#dfe3e8;--real:#0b62b0;--cpu:#b3530a;--good:#0d6b3f;--bad:#a5281b;--warn:#fff3d6;--s1:#0b62b0;--s2:#b3530a;--s3:#12795a;--s4:#8d3f8f;--s5:#7a6a00;--s6:#4a5568`;
export const darkColours = `--paper:#14171b;--panel:#1c2026;--ink:#e8eaed;--ink-2:#a0a8b3;--line:#313842;--real:#6db3f2;--cpu:#f2a65a;--good:#6fd3a0;--bad:#ff8f80;--warn:#3a3015;--s1:#6db3f2;--s2:#f2a65a;--s3:#5ccfa8;--s4:#d79be0;--s5:#d8c65a;--s6:#a9b4c4`;
/** The fonts that operating systems bring. */
export const fontStack = `--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue","Noto Sans","Liberation Sans",Arial,sans-serif`;

export const pageStyle = `
:root{color-scheme:light dark;${fontStack};${lightColours}}
@media (prefers-color-scheme:dark){:root{${darkColours}}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 var(--sans);-webkit-text-size-adjust:100%}
main{max-width:75rem;margin:0 auto;padding:2rem clamp(1rem,4vw,3rem) 4rem}
h1{font-size:1.7rem;line-height:1.2;font-weight:650;letter-spacing:-.01em;margin:0 0 .4rem;text-wrap:balance;overflow-wrap:anywhere}
h1 .to{color:var(--ink-2);font-weight:400}
h2{font-size:1.15rem;font-weight:650;margin:3rem 0 .3rem}
h3{font-size:.95rem;font-weight:650;margin:1.6rem 0 .2rem}
.impl,.sub{color:var(--ink-2);font-weight:400}
.sub,.key,.note,footer{font-size:.875rem;color:var(--ink-2);margin:.2rem 0 .9rem;max-width:48rem}
.sub{max-width:none}.note{color:var(--bad)}
th,td,.label,h1,h2,h3,li{unicode-bidi:isolate}
.scroll{overflow-x:auto;margin:1rem 0}
table{border-collapse:collapse;font-variant-numeric:tabular-nums lining-nums;font-size:.9rem;line-height:1.35}
th{font-weight:400;text-align:left}
.main{min-width:100%}
.main th,.main td{padding:.3rem .75rem .3rem 0;white-space:nowrap;vertical-align:baseline}
.main th:last-child,.main td:last-child{padding-right:.25rem}
.main thead th{color:var(--ink-2);font-size:.82rem}
.main thead tr:first-child th{color:var(--ink);font-weight:650;border-bottom:1px solid var(--line)}
.main thead tr:last-child th{border-bottom:2px solid var(--ink)}
.main .value{text-align:right}.main .speedup{text-align:left;padding-left:.75rem}
.main thead tr:first-child th{text-align:center}
.tilde{display:inline-block;width:1em}
.main th.row{padding-left:.9rem;padding-right:1.25rem;position:sticky;left:0;background:var(--paper)}
.main .group th{padding-top:1rem;font-weight:650}
.main tbody tr:not(.group):not(.mean):hover :is(th,td){background:var(--panel)}
.main .mean th.row,.main thead th.row{padding-left:0}
.main .mean :is(th,td){border-top:1px solid var(--line);font-weight:650}
.means{color:inherit;text-decoration:underline dotted}
.faster,.pass{color:var(--good)}.slower,.fail{color:var(--bad)}.gate{margin:.5rem 0 0}.speedup.none,.speedup.failed{color:var(--ink-2)}
.main button{all:unset;cursor:pointer}.main button:focus-visible{outline:2px solid var(--real)}
.main button::after{content:"";display:inline-block;width:.9em;color:var(--ink);text-align:right}
[aria-sort=ascending] button::after{content:"↑"}[aria-sort=descending] button::after{content:"↓"}
.notes{font-size:.875rem;color:var(--ink-2);padding-left:1.1rem;margin:.5rem 0;max-width:60rem;overflow-wrap:anywhere}
.notes li{margin:.15rem 0}
svg{overflow:visible}.plot{display:block;width:100%}.sample{vertical-align:-1px}
.forest,.drift{display:grid;grid-template-columns:fit-content(55%) 1fr;column-gap:1.5rem;align-items:center;padding-right:1.5rem}
.forest h3,.group{grid-column:1/-1}.group{font-weight:650;font-size:.9rem;margin:.9rem 0 .1rem}
.label{font-size:.875rem;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}.label.mean{font-weight:650}
:is(.forest,.drift)>.label{min-width:8rem}.strip>.label{min-width:5.5rem}#why .label{padding:.15rem 0}.factor{white-space:nowrap}
.drift .label .scale{display:block;color:var(--ink-2);font-size:.78rem}
.drift .plot:not(.axis){background:var(--panel);margin:.25rem 0}
.panels{display:grid;grid-template-columns:1fr 1fr;gap:0 3rem}
.strip{display:grid;grid-template-columns:fit-content(45%) 1fr;column-gap:1rem;align-items:center;align-content:start;padding-right:1.2rem;min-width:0}
.strip .group{margin:.1rem 0;color:var(--ink-2);font-weight:400}
.strip .label{font-size:.8rem;line-height:1.2}.row-figure{break-inside:avoid}
.run{fill:var(--c);fill-opacity:.75}.run.out{fill:none;stroke:var(--c);stroke-width:1}
.runs,.clocks{fill:none;stroke:var(--c);stroke-opacity:.75;stroke-width:5.2;stroke-linecap:round;vector-effect:non-scaling-stroke}
.clocks{stroke:var(--ink-2);stroke-opacity:.6;stroke-width:4;stroke-linecap:square}
.clock{fill:var(--ink-2);fill-opacity:.6}.part{fill:var(--c);fill-opacity:.85}.factor-clock{--c:var(--s1)}.factor-instructions{--c:var(--s2)}.factor-work-per-cycle{--c:var(--s3)}.factor-rest{--c:var(--s4)}
#why .median{stroke:var(--ink)}#why .label .scale{display:block;color:var(--ink-2);font-size:.78rem}
.bar{stroke:var(--c);stroke-width:7;opacity:.25}.median{stroke:var(--c);stroke-width:2}
${[1, 2, 3, 4, 5, 6].map((n) => `.side-${n}{--c:var(--s${n})}`).join("")}
.facts th,.facts td{padding:.25rem 1.5rem .25rem 0;vertical-align:top;border-bottom:1px solid var(--line);overflow-wrap:anywhere;min-width:7rem;max-width:28rem}
.facts thead th{font-weight:650}.facts tbody th{color:var(--ink-2);white-space:nowrap}
.heat th,.heat td{padding:.25rem .6rem}.heat thead th,.heat td{text-align:right;white-space:nowrap}.heat .group th{font-weight:650}
.heat tbody th{position:sticky;left:0;background:var(--paper)}
${[1, 2, 3].map((n) => `.heat${n}{background:color-mix(in srgb,var(--s1) ${14 * n}%,var(--paper))}.heat-${n}{font-style:italic;background:color-mix(in srgb,var(--s2) ${14 * n}%,var(--paper))}`).join("")}
${pictureStyle}
.tradeoff{display:block;margin:.5rem 0}
.differs :is(th,td){background:var(--warn)}.mark{color:var(--bad);font-weight:650}
footer{margin-top:3rem;border-top:1px solid var(--line);padding-top:.8rem;max-width:none}
code{font:.85em/1.4 ui-monospace,"SFMono-Regular",Menlo,Consolas,"Liberation Mono",monospace;overflow-wrap:anywhere}
#tip{position:fixed;z-index:2;pointer-events:none;background:var(--ink);color:var(--paper);font-size:.8rem;padding:.2rem .5rem;border-radius:3px;max-width:20rem}
#tip[hidden]{display:none}
@media (max-width:44rem){body{font-size:15px}main{padding-top:1.2rem}h1{font-size:1.35rem}h2{margin-top:2.2rem}
.panels{grid-template-columns:1fr}
.forest,.drift{grid-template-columns:1fr;padding:0 .8rem}.forest .label{margin-top:.35rem}.forest .label:empty,.drift .label:empty{display:none}
.drift .label{margin-top:.4rem}.drift .label .scale{display:inline;margin-left:.6em}
.strip{grid-template-columns:5.5rem 1fr;column-gap:.6rem;margin-top:.4rem}
.facts th,.facts td{padding-right:.9rem;max-width:12rem}.facts tbody th{white-space:normal}}
@media screen and (max-width:36rem){.main,.main tbody{display:block}.main thead{display:none}
.main tr{display:grid;grid-template-columns:1fr 1fr;padding:.45rem 0;border-bottom:1px solid var(--line)}
.main tr.group{border:0;padding-bottom:0}.main tr:not(.group) th.row,.main .group th{grid-column:1/-1;font-weight:650;padding:0;white-space:normal;position:static}
.main th.row{font-weight:400}.main td,.main .speedup,.main .value{text-align:left;padding:.1rem 0;white-space:normal}
.main td::before{content:attr(data-h);display:block;color:var(--ink-2);font-size:.75rem;font-weight:400}
.main .tilde:empty,.main td:empty{display:none}.main .mean :is(th,td){border-top:0}}
@media print{.tradeoff{max-width:100%;height:auto;break-inside:avoid}:root{color-scheme:light;${lightColours}}body{font-size:10pt;-webkit-print-color-adjust:exact;print-color-adjust:exact}
main{max-width:none;padding:0}.scroll{overflow:visible}.main{font-size:8.5pt}.heat,.heat .group{font-size:8pt}.heat th,.heat td{padding:.15rem .35rem}.heat tbody th{position:static}.facts{font-size:8pt}.facts th,.facts td{min-width:0;padding-right:.6rem}.facts tbody th{white-space:normal}.main th,.main td{padding-right:.4rem}.main th.row{position:static}
h2,h3{break-after:avoid}tr,.label,.plot,.forest{break-inside:avoid}.panels{gap:0 1.5rem}#tip{display:none}@page{margin:15mm}}
${markStyle}`;
