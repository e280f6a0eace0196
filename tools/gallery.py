#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-3.0-or-later
"""gallery.py [--text | --print] [NAME...]  docs/gallery.md and the pictures of docs/img, from the examples themselves.

Every example (or those whose folder begins with NAME) is run in a copy, and its results are drawn.  With --text nothing is
run; only the page is written anew, from the READMEs and the expected*.json of the examples.  --print: to standard output."""
import json
import os
import shutil
import subprocess
import sys
import tempfile

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
HOLOGRAD = os.path.abspath(os.environ.get("HOLOGRAD", os.path.join(ROOT, "build", "holograd")))

# Which results of an example are drawn, and the pictures' names; others: result.json under the example's own name.
PICTURES = {
    "01_recover_known_metric": [("comparison.json", "recover_known_metric")],
    "02_qcd_condensate": [("result.json", "lattice")],
    "10_wilson_loop": [("temperatures-result.json", "10_wilson_loop")],
    "11_published_metric": [("exp-potential.json", "11_published_metric")],
    "12_einstein_dilaton": [("deformed-background.json", "12_einstein_dilaton")],
    "15_confining_dilaton": [("background.json", "15_confining_dilaton"), ("potential.json", "15_confining_potential")],
    "16_lattice_to_string_breaking": [("potential.json", "potential")],
    "21_ads_schwarzschild": [("points.json", "21_points"), ("network-result.json", "21_ads_schwarzschild")],
    "25_friction": [("quartic-result.json", "25_friction")],
    "26_compare_flows": [("comparison.json", "26_compare_flows")],
    "50_boundary_ising": [("data.json", "boundary-response"), ("result.json", "boundary-metric")],
    "54_critical_ising": [("result.json", "boundary-critical")],
    "55_square_ising": [("result.json", "boundary-square")],
}


def pictures(name):
    return PICTURES.get(name, [("result.json", name)])


def run(name, folder):
    """Run the example in its copy and draw its results into docs/img."""
    there = os.path.join(folder, "examples", name)
    script = ["sh", "run.sh"] if os.path.exists(os.path.join(there, "run.sh")) else None
    command = script or [HOLOGRAD, "train", "config.json", "-q", "--force", "-o", "result.json"]
    done = subprocess.run(command, cwd=there, env={**os.environ, "HOLOGRAD": HOLOGRAD}, capture_output=True, text=True)
    if done.returncode:
        print(f"{name}: exit code {done.returncode}: {done.stderr.strip().splitlines()[-1:]}", file=sys.stderr)
        return False
    for result, picture in pictures(name):
        out = os.path.join(ROOT, "docs", "img", picture + ".svg")
        if os.path.exists(os.path.join(there, result)):
            subprocess.run([HOLOGRAD, "plot", result, "--force", "-o", out], cwd=there, check=True)
    return True


def opening(name):
    """Title and first paragraph of the README."""
    lines = open(os.path.join(ROOT, "examples", name, "README.md"), encoding="utf-8").read().strip().split("\n")
    paragraph = []
    for line in lines[1:]:
        if not line.strip() and paragraph:
            break
        paragraph += [line.strip()] if line.strip() else []
    return lines[0].lstrip("# "), " ".join(paragraph)


def expected(name):
    """(path, value, tolerance) of every expected number."""
    folder = os.path.join(ROOT, "examples", name)
    rows = []

    def walk(j, path):
        for key, value in j.items():
            if key.startswith("#") or key.endswith("_error") or key == "schema":
                continue
            if isinstance(value, dict):
                walk(value, path + [key])
            elif isinstance(value, (int, float)) and not isinstance(value, bool):
                rows.append((".".join(path + [key]), value, j.get(key + "_error")))

    for file in sorted(f for f in os.listdir(folder) if f.startswith("expected") and f.endswith(".json")):
        out = "result.json" if file == "expected.json" else file[len("expected-"):]
        with open(os.path.join(folder, file), encoding="utf-8") as f:
            walk(json.load(f), [] if out == "result.json" else [out[:-len(".json")]])
    return rows


def section(name):
    title, text = opening(name)
    script = os.path.exists(os.path.join(ROOT, "examples", name, "run.sh"))
    config = os.path.exists(os.path.join(ROOT, "examples", name, "config.json"))
    command = "sh run.sh" if script else "holograd train config.json -o result.json" if config else None
    lines = [f"## {title}", "", f"[examples/{name}](../examples/{name}/README.md). {text}", ""]
    if command:
        lines += [f"    cd examples/{name} && {command}", ""]
    for _, picture in pictures(name):
        if os.path.exists(os.path.join(ROOT, "docs", "img", picture + ".svg")):
            lines += [f"![{title}](img/{picture}.svg)", ""]
    rows = expected(name)
    if rows:
        lines += ["| expected | value | within |", "|---|---|---|"]
        lines += [f"| `{p}` | {v:.9g} | {'1e-6 relative' if e is None else f'{e:.3g}'} |" for p, v, e in rows[:12]]
        lines += [""]
    if len(rows) > 12:
        lines += [f"and {len(rows) - 12} more in its `expected*.json`.", ""]
    return lines


def page(names):
    lines = ["# Gallery", "", "Every example of `examples/`, with its command, its picture and the numbers that `tests/cli/examples.sh` expects",
             "of it at each `make check`. This page and its pictures are written by `make gallery`.", ""]
    for name in names:
        lines += section(name)
    return "\n".join(lines).rstrip() + "\n"


def main(arguments):
    wanted = [a for a in arguments if not a.startswith("-")]
    names = sorted(n for n in os.listdir(os.path.join(ROOT, "examples"))
                   if os.path.exists(os.path.join(ROOT, "examples", n, "README.md")))
    good = True
    if "--print" in arguments:
        sys.stdout.write(page(names))
        return 0
    if "--text" not in arguments:
        with tempfile.TemporaryDirectory() as folder:
            for part in ("examples", "data"):
                shutil.copytree(os.path.join(ROOT, part), os.path.join(folder, part))
            for name in names:
                runs = any(os.path.exists(os.path.join(ROOT, "examples", name, f)) for f in ("run.sh", "config.json"))
                if runs and (not wanted or any(name.startswith(w) for w in wanted)):
                    good &= run(name, folder)
    with open(os.path.join(ROOT, "docs", "gallery.md"), "w", encoding="utf-8") as f:
        f.write(page(names))
    return 0 if good else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
