"""How the page looks: readable by day and by night, on paper and on a telephone."""

__all__ = ["STYLE"]

STYLE = """
:root { color-scheme: light dark; --line: #8884; --soft: #8881; --dim: #888; --accent: #3b6fd4; }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.55 system-ui, sans-serif; }
main { max-width: 62rem; margin: 0 auto; padding: 1rem 1.25rem 6rem; }
h1 { margin: 1.5rem 0 .5rem; }
h2 { margin: 3rem 0 .25rem; padding-top: .5rem; border-top: 1px solid var(--line); }
h3 { margin: 0; font-size: 1rem; font-weight: 600; }
a { color: var(--accent); text-decoration: none; }
a:hover, a:focus { text-decoration: underline; }
code, pre { font-family: ui-monospace, monospace; font-size: .9em; }
code { background: var(--soft); padding: .1em .3em; border-radius: 4px; }
nav ul { columns: 18rem; padding-left: 1.1rem; }
details { border: 1px solid var(--line); border-radius: 8px; margin: .6rem 0; padding: .55rem .8rem; }
summary { cursor: pointer; overflow-wrap: anywhere; }
summary h3 { display: inline; }
summary p { margin: .15rem 0 0; color: var(--dim); }
.verb { display: inline-block; min-width: 4.2em; font-weight: 700; }
.get { color: #1a7f5a; } .post { color: #3b6fd4; } .patch { color: #a8690c; } .delete { color: #c0392b; }
.open { border: 1px solid var(--line); border-radius: 99px; padding: 0 .6em; font-size: .8em; color: var(--dim); }
table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem .3rem 0; border-top: 1px solid var(--line); }
th { font-weight: 600; color: var(--dim); border: 0; }
td p { margin: 0; }
@media print { details { break-inside: avoid; } }
"""
