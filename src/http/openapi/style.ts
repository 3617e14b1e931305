/** The page's look: the colours and type of the demo page (public/tokens.css), and no more. */

export const STYLE = `
:root{color-scheme:light dark;--paper:#e9eeec;--sheet:#fbfcfb;--sunk:#f0f4f2;--rule:#cfd8d4;--ink:#10211d;--quiet:#51625c;--get:#2747c8;--post:#0a7350;--patch:#8a5a00;--delete:#b3261e;
--sans:-apple-system,"Segoe UI",Roboto,Ubuntu,Cantarell,"Noto Sans","Helvetica Neue","Liberation Sans",Arial,sans-serif;
--mono:ui-monospace,"SF Mono","Cascadia Mono",Menlo,Consolas,"Ubuntu Mono","Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{--paper:#0b1210;--sheet:#131c19;--sunk:#0f1715;--rule:#27332f;--ink:#e6eeea;--quiet:#9db0a8;--get:#96adff;--post:#5fd3a4;--patch:#ffc53d;--delete:#ff9389}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 var(--sans);-webkit-text-size-adjust:100%}
header,nav,main{max-width:52rem;margin:0 auto;padding:0 1.25rem}
header{padding-top:2.5rem}
h1{font-size:1.9rem;line-height:1.15;letter-spacing:-.02em;margin:0 0 .6rem}
h2{font-size:1.25rem;margin:2.75rem 0 1rem}
h3{font-size:1.15rem;margin:0}
h4{font-size:.9rem;margin:1.4rem 0 .4rem;color:var(--quiet)}
p{margin:.5rem 0}
a{color:inherit;text-underline-offset:.2em}
code,pre,.line,nav b{font-family:var(--mono);font-size:.88em}
nav{margin-top:1.5rem}
nav ul{list-style:none;margin:0;padding:0}
nav>ul>li{margin-top:1rem}
nav>ul>li>span{font-weight:600}
nav a{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem;padding:.35rem 0;text-decoration:none;border-top:1px solid var(--rule)}
nav a:hover code{text-decoration:underline}
nav a span{color:var(--quiet)}
nav b{min-width:4.2em}
b.get{color:var(--get)}b.post{color:var(--post)}b.patch{color:var(--patch)}b.delete{color:var(--delete)}
nav b,.line b{text-transform:uppercase;font-weight:600}
section{background:var(--sheet);border:1px solid var(--rule);border-radius:6px;padding:1.25rem;margin-bottom:1.25rem;scroll-margin-top:1rem}
.line{overflow-wrap:anywhere}
.line code{font-size:1em}
figure{margin:1rem 0 0}
figcaption{display:flex;justify-content:space-between;gap:1rem;font-size:.9rem;color:var(--quiet)}
figcaption span{font-family:var(--mono)}
pre{margin:.25rem 0 0;padding:.7rem .85rem;background:var(--sunk);border:1px solid var(--rule);border-radius:4px;overflow-x:auto;line-height:1.45}
pre code{font-size:1em}
.type{margin:.6rem 0 0;color:var(--quiet)}
table{border-collapse:collapse;width:100%}
th,td{text-align:left;vertical-align:top;padding:.35rem .75rem .35rem 0;border-top:1px solid var(--rule);font-weight:400}
th{white-space:nowrap}
td{color:var(--quiet)}
details{margin-top:1.4rem}
summary{cursor:pointer;font-size:.9rem;font-weight:600;color:var(--quiet)}
details table{margin-top:.5rem}
:focus-visible{outline:2px solid var(--get);outline-offset:2px}
main{padding-bottom:4rem}
@media (max-width:34rem){th,td{display:block;padding:0}th{border-top:1px solid var(--rule);padding-top:.4rem;white-space:normal}td{border:0;padding-bottom:.4rem}section{padding:1rem}}
`.replaceAll("\n", "");
