"""Draws a run's log as one HTML file without any script: python -m mini.plot LOG.jsonl OUT.html"""

import html
import json
import sys
from pathlib import Path

PANELS = (("reward", ("reward", "engagement", "coherence")), ("AI self-reference", ("ai",)), ("KL to the base, nats per token", ("kl",)),
          ("words per answer", ("words",)), ("share that ends", ("ended",)))
COLOURS = ("#9a6a1f", "#47627d", "#4c7a4c")
WIDTH, HEIGHT, LEFT, BOTTOM = 640, 150, 44, 20
STYLE = ("body{font:15px/1.5 system-ui,sans-serif;max-width:44rem;margin:2rem auto;padding:0 1rem;color:#222}"
         "svg{width:100%;height:auto}text{font-size:11px;fill:#555}h2{font-size:1rem;margin:1.5rem 0 0}"
         "blockquote{font-family:Georgia,serif;margin:.2rem 0 1rem 1rem}small{color:#666}")


def write_plot(log, out):
    rows = [json.loads(line) for line in Path(log).read_text(encoding="utf-8").splitlines()]
    title = f"Training run {Path(log).parent.name}"
    parts = [f"<!doctype html><html lang=en><meta charset=utf-8><title>{html.escape(title)}</title><style>{STYLE}</style>"
             f"<h1>{html.escape(title)}</h1><p>Lines are GRPO steps on training questions, dots the looks at the "
             "development questions, in the order of the run. The first dot is the untouched base.</p>"]
    parts += [f"<h2>{title}</h2>{panel(rows, names)}" for title, names in PANELS]
    parts += [f"<h2>What it says</h2>{samples(rows)}"]
    Path(out).write_text("".join(parts), encoding="utf-8")


def panel(rows, names):
    points = [(i, row) for i, row in enumerate(rows) if row["kind"] in ("dev", "grpo")]
    values = [row[name] for _, row in points for name in names if name in row]
    if not values:
        return "<p><small>nothing logged</small></p>"
    low, high = min(0, *values), max(1 if max(values) <= 1 else 0, *values)
    x = lambda i: LEFT + (WIDTH - LEFT - 90) * i / max(1, len(rows) - 1)
    y = lambda value: 8 + (HEIGHT - BOTTOM - 8) * (1 - (value - low) / (high - low or 1))
    marks = [f'<line x1="{LEFT}" x2="{WIDTH - 90}" y1="{y(v):.1f}" y2="{y(v):.1f}" stroke="#ddd"/>'
             f'<text x="{LEFT - 6}" y="{y(v) + 4:.1f}" text-anchor="end">{v:.2g}</text>' for v in (low, (low + high) / 2, high)]
    for name, colour in zip(names, COLOURS):
        marks += series(points, name, colour, x, y)
    return f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(marks)}</svg>'


def series(points, name, colour, x, y):
    lines, dots, last = [], [], None
    for i, row in points:
        if name not in row:
            continue
        place, last = f"{x(i):.1f},{y(row[name]):.1f}", (i, row[name])
        if row["kind"] == "grpo":
            lines.append(place)
        else:
            dots.append('<circle cx="{}" cy="{}" r="3" fill="{}"/>'.format(*place.split(","), colour))
    label = [] if last is None else [f'<text x="{x(last[0]) + 8:.1f}" y="{y(last[1]) + 4:.1f}" style="fill:{colour}">{name}</text>']
    return [f'<polyline points="{" ".join(lines)}" fill="none" stroke="{colour}" stroke-width="1.5"/>', *dots, *label]


def samples(rows):
    parts = []
    for row in rows:
        if row["kind"] in ("dev", "grpo") and row.get("samples"):
            shown = row["samples"][row["step"] % len(row["samples"])]
            parts.append(f"<small>{row['kind']}, stage {row['stage'] + 1}, step {row['step']}, reward {shown['reward']}: "
                         f"{html.escape(shown['question'])}</small><blockquote>{html.escape(shown['answer'])}</blockquote>")
    return "".join(parts)


if __name__ == "__main__":
    write_plot(*sys.argv[1:3])
