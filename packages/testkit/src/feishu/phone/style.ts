/** Of the phone's page: light, and as wide as a common phone. */
export const phoneStyle = `
:root { --blue:#3370ff; --red:#f54a45; --green:#2ea121; --orange:#de7802; --purple:#7f3bf5; --grey:#8f959e; }
* { box-sizing:border-box; }
body { width:390px; margin:0 auto; background:#f5f6f7; color:#1f2329; overflow-wrap:anywhere;
  font:16px/1.5 -apple-system,"Segoe UI",Roboto,"PingFang SC","Noto Sans SC","Noto Sans CJK SC",sans-serif,"Noto Color Emoji"; }
.bar { position:sticky; top:0; padding:12px 16px; background:#fff; border-bottom:1px solid #dee0e3; text-align:center; font-weight:600; }
.bar small { display:block; font-weight:400; font-size:12px; color:var(--grey); }
.chat { padding:12px 10px 24px; }
.message { display:flex; gap:8px; margin-top:14px; align-items:flex-start; }
.message.mine { flex-direction:row-reverse; }
.face { flex:none; width:34px; height:34px; border-radius:50%; background:var(--blue); color:#fff; text-align:center;
  line-height:34px; font-size:14px; font-weight:600; }
.mine .face { background:#ffba6b; }
.said { min-width:0; max-width:286px; }
.wide .said { width:286px; }
.name { font-size:12px; color:var(--grey); }
.quoted { font-size:13px; color:var(--grey); border-left:2px solid #c9cdd4; padding-left:6px; margin-bottom:4px;
  white-space:nowrap; overflow:hidden; text-overflow:ellipsis; }
.bubble { display:inline-block; max-width:100%; padding:8px 12px; border-radius:10px; background:#fff; }
.mine .bubble { background:#cce0ff; }
.mine .said { text-align:right; } .mine .said > * { text-align:left; }
.card { border:1px solid #dee0e3; border-radius:10px; background:#fff; overflow:hidden; }
.card header { padding:8px 12px; font-weight:600; color:var(--accent); border-bottom:1px solid #eff0f1; }
.card header small { display:block; font-weight:400; color:var(--grey); }
.card .body { display:flex; flex-direction:column; gap:8px; padding:10px 12px; }
.small { font-size:13px; color:#646a73; }
p { margin:0 0 6px; } p:last-child { margin-bottom:0; }
h1,h2,h3,h4,h5,h6 { margin:6px 0 4px; line-height:1.35; font-size:16px; } h1 { font-size:20px; } h2 { font-size:18px; }
hr { width:100%; margin:6px 0; border:0; border-top:1px solid #dee0e3; }
blockquote { margin:0; padding-left:8px; border-left:3px solid #c9cdd4; color:#646a73; }
a, .mention { color:var(--blue); text-decoration:none; }
code { box-decoration-break:clone; padding:1px 4px; border-radius:4px; background:#eff0f1; font:13px/1.4 "SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace; }
.code { margin:4px 0; border-radius:6px; background:#f5f6f7; border:1px solid #dee0e3; overflow:hidden; }
.code .language { padding:2px 8px; font-size:12px; color:var(--grey); border-bottom:1px solid #dee0e3; }
.code pre { margin:0; padding:8px; white-space:pre-wrap; font:12.5px/1.45 "SF Mono",Menlo,Consolas,"DejaVu Sans Mono",monospace; }
.item { display:flex; gap:6px; } .bullet { flex:none; min-width:12px; color:var(--grey); }
table { width:100%; border-collapse:collapse; font-size:13px; margin:4px 0; }
th,td { border:1px solid #dee0e3; padding:4px 6px; text-align:left; vertical-align:top; } th { background:#f5f6f7; overflow-wrap:break-word; }
.columns { display:flex; gap:8px; flex-wrap:wrap; } .column { flex:1; min-width:0; }
.button { display:inline-block; padding:5px 14px; border:1px solid #d0d3d6; border-radius:6px; background:#fff; text-align:center;
  font-size:14px; align-self:flex-start; }
.button.fill { display:block; align-self:stretch; }
.button.primary { color:var(--blue); border-color:var(--blue); } .button.danger { color:var(--red); border-color:var(--red); }
.button.disabled { color:#bbbfc4; border-color:#dee0e3; }
details { border:1px solid #dee0e3; border-radius:6px; padding:6px 10px; } summary { color:#646a73; }
.input { border:1px solid #d0d3d6; border-radius:6px; padding:5px 10px; color:var(--grey); font-size:14px; }
.chip { display:inline-block; padding:8px 12px; border:1px solid #dee0e3; border-radius:10px; background:#fff; }
.reactions { display:flex; gap:4px; margin-top:4px; } .mine .reactions { justify-content:flex-end; }
.reactions span { padding:0 8px; border-radius:12px; background:#e8f0ff; font-size:13px; line-height:24px; }
.icon { vertical-align:-2px; }
.gone { margin-top:14px; text-align:center; font-size:13px; color:var(--grey); }
`;
