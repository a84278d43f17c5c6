/**
 * The look of the pages. Colours follow Okabe and Ito (distinct for all kinds of colour vision), one set for paper and
 * one for night; every colour that means something goes with a shape, a dash or a word.
 */
const PALETTE = `
:root{--bg:#fff;--panel:#f6f7f9;--line:#d9dde3;--ink:#1b2026;--soft:#5b6570;--faint:#8a939d;--focus:#0b62d6;
--publish:#0067a5;--ok:#7a8794;--deliver:#00805f;--finish:#555f6a;--requeue:#a86a00;--again:#a86a00;--timeout:#c2410c;
--bad:#b3261e;--good:#1a7f37;--unknown:#7a5af0;--bar:#9fc9ba;--barline:#00805f;--fault:#d7263d;--spell:#aab2bc;--touch:#9a4f86;
--s0:#0067a5;--s1:#c2410c;--s2:#00805f;--s3:#9a4f86;--s4:#a86a00;--s5:#555f6a}`;

const NIGHT = `--bg:#13171c;--panel:#1b2127;--line:#323a43;--ink:#e6eaee;--soft:#a3adb8;--faint:#77818c;--focus:#7db7ff;
--publish:#5fb4ea;--ok:#8a97a4;--deliver:#3fc79a;--finish:#9aa5b1;--requeue:#e8a93a;--again:#e8a93a;--timeout:#ff8552;
--bad:#ff7a70;--good:#5ccf7f;--unknown:#b29dff;--bar:#24584a;--barline:#3fc79a;--fault:#ff6b7d;--spell:#59636e;--touch:#dd93c6;
--s0:#5fb4ea;--s1:#ff8552;--s2:#3fc79a;--s3:#dd93c6;--s4:#e8a93a;--s5:#9aa5b1`;

const THEMES = `${PALETTE}
@media (prefers-color-scheme:dark){:root:not([data-theme=light]){${NIGHT}}}
:root[data-theme=dark]{${NIGHT};color-scheme:dark}
:root[data-theme=light]{color-scheme:light}`;

const BASE = `
*{box-sizing:border-box}
body{margin:0 auto;max-width:1560px;padding:20px 24px 48px;background:var(--bg);color:var(--ink);
font:14px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;font-variant-numeric:tabular-nums}
h1{font-size:24px;line-height:1.25;margin:2px 0 6px;overflow-wrap:anywhere}
h2{font-size:17px;margin:0 0 8px}
h3{font-size:14px;margin:12px 0 4px}
code{font:12.5px ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
section{margin:26px 0 0}
p{margin:4px 0;max-width:112ch}
.kicker{color:var(--soft);margin:0}.question{font-size:16px}.answer,.quiet,.looked{color:var(--soft)}
.notice{border-left:3px solid var(--requeue);padding:4px 10px;background:var(--panel)}
.columns{display:grid;grid-template-columns:minmax(0,1.15fr) minmax(0,1fr);gap:0 36px;align-items:start}
.visually-hidden{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
dl{margin:8px 0}dt{color:var(--soft);font-size:12px}dd{margin:0}
.facts,.totals{display:flex;flex-wrap:wrap;gap:6px 28px}
.totals dd{font-size:18px}
.number{text-align:right;font-variant-numeric:tabular-nums}
.badge{display:inline-block;white-space:nowrap;font-size:12px;font-weight:600;line-height:1.5;padding:0 8px;border-radius:9px;border:1px solid currentColor;vertical-align:2px}
.badge.pass{color:var(--good)}.badge.fail{color:var(--bad)}.badge.unknown{color:var(--unknown)}
h1 .badge{font-size:14px;vertical-align:4px}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:5px 10px 5px 0;border-bottom:1px solid var(--line);font-weight:400}
th.number,td.number{text-align:right;padding-right:0}
thead th{color:var(--soft);font-size:12px}
tbody th{font-weight:600;white-space:nowrap}
#expectations tbody th{white-space:normal;font-weight:400;overflow-wrap:anywhere}
.property,.looked{display:block}.looked{font-size:13px}
.unseen{margin:8px 0 0}.unseen .badge{vertical-align:0}.unseen summary{padding:4px 0}
.verdicts :is(td,th){padding-top:3px;padding-bottom:3px;line-height:1.36}
ul,ol{margin:4px 0;padding-left:20px}
.violations,.entries{list-style:none;padding:0}
.violations li,.entries li{padding:3px 0}.violations li{border-left:3px solid var(--bad);padding-left:8px;margin:4px 0}
.prose{white-space:pre-wrap;overflow-wrap:anywhere}
.faults{list-style:none;padding:0}.time{display:inline-block;min-width:74px;color:var(--soft)}
summary{cursor:pointer;padding:2px 0}
.licence summary .number{display:inline-block;min-width:3ch}
.licence.unexplained summary{color:var(--bad);font-weight:600}
.entries{max-height:260px;overflow:auto;border-left:1px solid var(--line);padding-left:12px;margin-left:4px}
button,.button,input{font:inherit;color:inherit;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:2px 10px;text-decoration:none}
button{cursor:pointer}button:hover,.button:hover{border-color:var(--soft)}
.message-link{padding:0 6px;color:var(--focus);background:none}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px}
a{color:var(--focus)}
.tools{float:right;display:flex;gap:8px;margin-left:16px}`;

const DIAGRAM = `
.diagram-bar{display:flex;flex-wrap:wrap;align-items:center;gap:6px;margin:0 0 6px}
.diagram-bar .range{margin:0 10px;min-width:190px}
#find{margin-left:auto;display:flex;gap:6px;align-items:center}#find input{width:96px}
.diagram-layout{display:grid;grid-template-columns:minmax(0,1fr) 308px;gap:20px;align-items:start}
.diagram-main{min-width:0}
svg{display:block;max-width:100%;font:11px system-ui,-apple-system,"Segoe UI",Roboto,Arial,sans-serif;font-variant-numeric:tabular-nums}
#diagram svg{cursor:grab;touch-action:pan-y;border-radius:6px;user-select:none}
#diagram svg:not(:focus-visible){outline:1px solid var(--line)}
#diagram svg:active{cursor:grabbing}#diagram svg.pointing{cursor:pointer}
.lane-line{stroke:var(--line);stroke-width:1}
.lane-band{fill:var(--panel)}
.lane-name{fill:var(--ink);font-weight:600;font-size:12px}.lane-detail{fill:var(--soft)}
.axis line,.axis path{stroke:var(--line)}.axis text,.axis-label{fill:var(--soft);font-size:11px}
.gridline{stroke:var(--line);opacity:.55}
.heal{stroke:var(--good);stroke-dasharray:2 3}.heal-name{fill:var(--good)}
.flight{fill:none;stroke-width:1.1;opacity:.8}
.flight.publish{stroke:var(--publish)}.flight.ok{stroke:var(--ok);stroke-dasharray:1 3}
.flight.deliver{stroke:var(--deliver)}.flight.again{stroke:var(--again);stroke-width:1.6}
.flight.finish{stroke:var(--finish);stroke-dasharray:4 2.5}
.flight.requeue{stroke:var(--requeue);stroke-dasharray:7 2 2 2;stroke-width:1.4}
.lost{stroke:var(--bad);stroke-width:1.8;fill:none}
.bundle{fill:none;stroke-width:3.8}
.bundle.publish{stroke:var(--publish)}.bundle.deliver{stroke:var(--deliver)}.bundle.finish{stroke:var(--finish)}
.level1{opacity:.1}.level2{opacity:.2}.level3{opacity:.33}.level4{opacity:.5}
.density{fill:var(--deliver);opacity:.75}.density.producer{fill:var(--publish)}.density.nsqd{fill:var(--finish)}.density.busy{fill:var(--bar);opacity:1}
.bar{fill:var(--bar);stroke:var(--barline);stroke-width:.5}
.bar.badly{fill:none;stroke:var(--timeout);stroke-width:1.2}.bar.never{fill:none;stroke:var(--bad);stroke-dasharray:2 2;stroke-width:1.2}
.mark{stroke:var(--bg);stroke-width:.7}
.mark.publish{fill:var(--publish)}.mark.deliver{fill:var(--deliver)}.mark.deliver.again{fill:var(--again);stroke:var(--again);stroke-width:1.2}
.mark.finish{fill:var(--finish)}.mark.requeue{fill:var(--requeue)}.mark.timeout{fill:var(--timeout)}.mark.operate{fill:var(--unknown)}.mark.effect{fill:var(--good)}
.mark.give-up{fill:var(--bg);stroke:var(--bad);stroke-width:1.4}
.mark.outlined{fill:none;stroke-width:1.6;stroke:var(--bad)}
.mark.touch{stroke:var(--touch)}.mark.connect{stroke:var(--good)}.mark.close{stroke:var(--bad);stroke-width:1.2}.mark.publish-unknown{stroke:var(--unknown)}
.spell{fill:var(--spell);opacity:.34}.spell.down{fill:url(#hatch);opacity:1}.spell.not-started{fill:var(--spell);opacity:.14}
.spell-name{fill:var(--soft);font-style:italic}
.fault.area{fill:var(--fault);opacity:.13}.fault.line{stroke:var(--fault);stroke-dasharray:3 3;fill:none}
.fault.tag{fill:var(--fault);opacity:.3}
.fault-name{fill:var(--ink)}
.hatch{stroke:var(--spell);stroke-width:1.6}
.following .ordinary :is(.flight,.bundle,.mark,.bar,.density,.lost){opacity:.17}
.followed .flight{stroke-width:2;opacity:1}.followed .mark{stroke-width:1}.followed .mark.outlined{stroke-width:2}
.hovered .flight{stroke-width:2.4;opacity:1}
.cursor{fill:none;stroke:var(--focus);stroke-width:2}
.crosshair{stroke:var(--soft);stroke-width:1;pointer-events:none}
.overview-again{fill:var(--again)}.overview-first{fill:var(--deliver);opacity:.65}
.overview .selection{fill:var(--focus);fill-opacity:.14;stroke:var(--focus)}
#tooltip{position:absolute;z-index:5;max-width:340px;padding:6px 10px;background:var(--bg);border:1px solid var(--soft);border-radius:6px;pointer-events:none;font-size:13px;box-shadow:0 2px 10px #0002}
.legend{display:flex;flex-wrap:wrap;gap:2px 16px;margin:8px 0 0;color:var(--soft);font-size:12px}
.legend span{display:inline-flex;align-items:center;gap:5px;white-space:nowrap}
.legend svg{overflow:visible}`;

const PANEL = `
#life{position:sticky;top:12px;max-height:calc(100vh - 24px);overflow:auto;background:var(--panel);border:1px solid var(--line);border-radius:6px;padding:12px 14px}
#life h3{margin:0 0 2px;font-size:15px;display:flex;justify-content:space-between;gap:8px}
#life ol{list-style:none;padding:0;margin:8px 0 0}
#life .event{display:grid;grid-template-columns:var(--time,8ch) minmax(0,1fr);gap:10px;width:100%;text-align:left;border:0;background:none;border-left:3px solid var(--line);border-radius:0;padding:3px 6px 3px 8px}
#life .event{font-size:13px;line-height:1.38}#life .event .at{color:var(--soft);text-align:right}#life .delta{display:block;font-size:11px;color:var(--soft)}#life .units{font-size:11px;margin-top:6px}
#life .event.good{border-color:var(--good)}#life .event.bad{border-color:var(--bad)}#life .event.again{border-color:var(--again)}
#life .event.explains .what{color:var(--soft)}
#life .event[aria-current]{background:var(--bg);box-shadow:inset 0 0 0 1px var(--focus)}
.label{display:inline-block;font-size:12px;border:1px solid var(--again);color:var(--again);border-radius:4px;padding:0 5px;margin:2px 4px 0 0}
.label.bug{border-color:var(--bad);color:var(--bad);font-weight:600}
kbd{font:12px ui-monospace,Menlo,Consolas,monospace;border:1px solid var(--line);border-radius:3px;padding:0 4px;background:var(--bg)}
.keys{display:grid;grid-template-columns:auto 1fr;gap:3px 10px;margin:8px 0 0;font-size:13px;color:var(--soft)}`;

const CHARTS = `
.chart{margin:14px 0 0}
.chart-head{display:flex;flex-wrap:wrap;gap:2px 14px;align-items:baseline;font-size:12px;color:var(--soft)}
.chart-head strong{color:var(--ink);font-size:13px}
.series-name{display:inline-flex;align-items:center;gap:5px}.series-name b{color:var(--ink);font-weight:600;min-width:2ch}
.series{fill:none;stroke-width:1.5}
.s0{stroke:var(--s0)}.s1{stroke:var(--s1);stroke-dasharray:6 2}.s2{stroke:var(--s2);stroke-dasharray:2 2}.s3{stroke:var(--s3);stroke-dasharray:8 2 2 2}.s4{stroke:var(--s4);stroke-dasharray:4 4}.s5{stroke:var(--s5);stroke-dasharray:1 3}
.likelihood-line{fill:none;stroke:var(--bad);stroke-width:2}.likelihood-dot{fill:var(--bad);stroke:var(--bg)}.story li+li{padding-left:1.4em}.story{list-style:none;padding:0;font-variant-numeric:tabular-nums}
.histogram rect{fill:var(--deliver)}.histogram .tail{fill:var(--again)}
.histogram text{fill:var(--soft)}.histogram .value{fill:var(--ink)}
.quantile{stroke:var(--ink);stroke-dasharray:3 2}.quantile-name{fill:var(--ink)}
.quantile-name,.spell-name,.fault-name:not(.inside),.heal-name{paint-order:stroke;stroke:var(--bg);stroke-width:3px;stroke-linejoin:round}`;

const INDEX = `
.wide{overflow-x:auto}
.index th[scope=row]{white-space:normal;min-width:220px;max-width:340px}.index .looked{font-weight:400}.index :is(td,th){padding-right:16px}.index td.number{white-space:nowrap}
.tally{white-space:nowrap}.bug-text{color:var(--bad);font-weight:600}
.marks{white-space:nowrap}.verdict{display:inline-block;width:14px;text-align:center;font-weight:600}
.verdict.pass{color:var(--good)}.verdict.fail{color:var(--bad)}.verdict.unknown{color:var(--unknown)}`;

const SIZES = `
@media (max-width:1100px){.diagram-layout{grid-template-columns:minmax(0,1fr)}#life{position:static}#life.told{position:sticky;top:auto;bottom:8px;max-height:36vh}}
@media (max-width:860px){body{padding:14px 14px 40px}.columns{grid-template-columns:minmax(0,1fr)}.tools{float:none;margin:0 0 8px}#find{margin-left:0}}
@media (prefers-reduced-motion:no-preference){#life .event{transition:background .12s}}
@media print{
:root,:root[data-theme],:root:not([data-theme=light]){--bg:#fff;--panel:#fff;--line:#bbb;--ink:#000;--soft:#444;--faint:#666;
--publish:#0067a5;--ok:#7a8794;--deliver:#00805f;--finish:#555f6a;--requeue:#a86a00;--again:#a86a00;--timeout:#c2410c;--bad:#b3261e;--good:#1a7f37;--unknown:#5a3fd0;
--bar:#9fc9ba;--barline:#00805f;--fault:#d7263d;--spell:#999;--touch:#9a4f86;--s0:#0067a5;--s1:#c2410c;--s2:#00805f;--s3:#9a4f86;--s4:#a86a00;--s5:#555f6a;color-scheme:light}
@page{size:A4 landscape;margin:12mm}
body{max-width:none;padding:0;font-size:10px;line-height:1.3;print-color-adjust:exact;-webkit-print-color-adjust:exact}
.tools,.diagram-bar button,#find,#overview,#tooltip,.keys,.hint,#life:not(.told){display:none!important}
.diagram-layout{display:block}#life,#life.told{max-height:none;position:static;overflow:visible;break-inside:avoid;margin-top:10px}#life h3 button,#life .delta,#life .units{display:none}#life .event[aria-current]{box-shadow:none}#life .event{padding-top:1px;padding-bottom:1px}
#diagram svg,.chart>svg{width:100%;height:auto}
.columns{grid-template-columns:minmax(0,1.15fr) minmax(0,1fr)}
#space-time{break-before:page;margin-top:0}h2,h3{break-after:avoid}
.chart,.histogram,#diagram,tr,.licence{break-inside:avoid}
.entries{max-height:none}
.looked,dt,.chart-head,.legend,thead th,.label{font-size:9px}h1{font-size:19px}h2{font-size:13px}h3{font-size:11px}.totals dd{font-size:13px}.question{font-size:12px}
.badge{font-size:9px;padding:0 5px}section{margin-top:12px}code{font-size:9.5px}:focus-visible,#diagram svg{outline:1px solid var(--line)!important}#chart-list{display:grid;grid-template-columns:1fr 1fr;gap:0 16px}.facts,.totals{gap:4px 18px}
}`;

export const PAGE_STYLE = [THEMES, BASE, DIAGRAM, PANEL, CHARTS, INDEX, SIZES].join("\n");

/** For pictures without a page around them. */
export const PICTURE_STYLE = [
  PALETTE,
  `@media (prefers-color-scheme:dark){:root{${NIGHT}}}`,
  DIAGRAM.slice(DIAGRAM.indexOf(".lane-line"), DIAGRAM.indexOf("#tooltip")),
].join("\n");
