/** Light, printable, nothing from outside. Amber means synthetic, as everywhere in Verisim. */
export const reportStyle = `
:root { color-scheme: light; --ink: #1b1f24; --soft: #5b6570; --line: #e3e6ea; --amber: #b45309; }
* { box-sizing: border-box; }
body { margin: 0; background: #f4f5f7; color: var(--ink); font: 15px/1.55 system-ui, sans-serif; font-variant-numeric: tabular-nums; }
main { max-width: 1120px; margin: 0 auto; padding: 40px 24px 64px; }
header p { color: var(--soft); margin: 4px 0 0; }
h1 { font-size: 28px; margin: 0; letter-spacing: -0.01em; }
h2 { font-size: 18px; margin: 0 0 8px; }
section { background: #fff; border: 1px solid var(--line); border-radius: 10px; padding: 24px; margin-top: 24px; }
section > p { max-width: 76ch; margin: 0 0 16px; }
.notice { border: 1px solid #f3d19c; background: #fff8eb; color: #6b3d06; border-radius: 10px; padding: 12px 16px; margin: 24px 0 0; }
.grid { display: grid; gap: 12px; margin: 0 0 20px; }
.eight { grid-template-columns: repeat(8, minmax(0, 1fr)); }
figure { margin: 0; }
figure div { position: relative; background: #000; border-radius: 6px; overflow: hidden; border: 2px solid transparent; }
figure.synthetic div { border-color: var(--amber); }
figure img { display: block; width: 100%; aspect-ratio: 1; object-fit: contain; }
figcaption { font-size: 12px; line-height: 1.4; color: var(--soft); padding-top: 4px; }
.badge { position: absolute; top: 4px; left: 4px; padding: 0 5px; border-radius: 3px; background: var(--amber); color: #fff; font: 600 10px/16px system-ui, sans-serif; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0 0 16px; font-size: 13px; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; font-size: 13px; }
th { text-align: left; color: var(--soft); font-weight: 500; }
th, td { padding: 8px 12px 8px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
.variants { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 16px 32px; margin-bottom: 20px; }
.variant { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 10px; }
.scale { display: flex; align-items: center; gap: 10px; font-size: 12px; color: var(--soft); }
.scale i { width: 160px; height: 10px; border-radius: 3px; background: linear-gradient(90deg, rgb(0 0 195), #fff, rgb(195 0 0)); border: 1px solid var(--line); }
.numbers { white-space: nowrap; }
.files td { padding: 3px 12px 3px 0; overflow-wrap: anywhere; }
code, pre { font: 12px/1.5 ui-monospace, monospace; }
pre { background: #f4f5f7; border-radius: 6px; padding: 12px; overflow: auto; max-height: 480px; }
summary { cursor: pointer; color: var(--soft); }
@media (max-width: 800px) { .variants { grid-template-columns: 1fr; } .eight { grid-template-columns: repeat(4, minmax(0, 1fr)); } }
@media print { body { background: #fff; } section { break-inside: avoid; } }
`;
