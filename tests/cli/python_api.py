# SPDX-License-Identifier: GPL-3.0-or-later
"""python_api.py FOLDER PROGRAM CONFIG  The module of examples/62_python against the program, and its errors."""
import json
import os
import signal
import subprocess
import sys
import threading
import warnings

import numpy as np

folder, program, config = sys.argv[1:]
sys.path.insert(0, folder)
import holograd  # noqa: E402


def same(a, b):
    """Equal but for what may differ between two runs: time, host, the paths by which inputs were named."""
    drop = ("volatile", "inputs")
    return {k: v for k, v in a.items() if k not in drop} == {k: v for k, v in b.items() if k not in drop}


text = open(config).read()
short = json.loads(text)
short["restarts"] = 1
ours = holograd.run("train", short, name=config)
path = "short.json"
short_file = dict(short, dataset=os.path.join(os.path.dirname(config), short["dataset"]))
json.dump(short_file, open(path, "w"))
theirs = json.loads(subprocess.run([program, "train", path, "-q"], check=True, capture_output=True).stdout)
os.remove(path)
assert same(ours, theirs), "train: library and program differ"

for command, options in (("evaluate", ["--jacobian"]), ("background", []), ("potential", [])):
    json.dump(ours, open("r.json", "w"))
    out = subprocess.run([program, command, "r.json", "-q"] + options, check=True, capture_output=True).stdout
    a, b = holograd.run(command, ours, name="r.json"), json.loads(out)
    for d in (a, b):
        d.pop("provenance", None)
    assert same(a, b), command + ": library and program differ"
    os.remove("r.json")

fit = holograd.Fit(ours)
assert fit.names[-1] == "dictionary.L" and fit.trained.all()
r, J = fit.residuals(fit.start())
assert np.isclose(r @ r, ours["result"]["loss"], rtol=1e-12)
assert np.allclose(fit.predict(fit.start())[1], [q["pull"] for q in ours["result"]["predictions"]], rtol=1e-9)
assert np.allclose(fit.start(2), fit.start(2)) and not np.allclose(fit.start(2), fit.start(3))

nqs = {"schema": "holograd/nqs/1", "lattice": {"type": "chain", "n": 8}, "hamiltonian": {"type": "tfim", "h": 1},
       "sampler": {"type": "sum"}, "iterations": 60}
state = holograd.run("nqs run", nqs)["result"]
assert abs(state["exact"]["relative_error"]) < 1e-3, state["exact"]

assert "nqs evolve" in holograd.commands and "study" in holograd.kinds
exact = holograd.run("nqs exact", dict(nqs, exact={"reference": True}))["result"]
assert abs(state["exact"]["energy"] - exact["energy"]) < 1e-9, exact
agree = holograd.run("diff", {"schema": "holograd/diff/1", "a": ours, "b": theirs})["result"]["rows"]
assert len(agree) > 5 and all(row[3] == "agrees" for row in agree), agree
with warnings.catch_warnings(record=True) as said:
    warnings.simplefilter("always")
    checked = holograd.run("gradcheck", dict(ours["config"], gradcheck={"tol": 1e-300}))
assert checked["result"]["worst"] > 1e-300 and "gradcheck.tol" in str(said[0].message)

for bad, status, words in ((("train", dict(short, metrik={})), 78, "metrik"), (("train", "{"), 65, "1:2"),
                           (("train", dict(short, dataset="no.json")), 66, "no.json"), (("fly", short), 64, "fly")):
    try:
        holograd.run(*bad)
        raise AssertionError(words + ": not refused")
    except holograd.Error as e:
        assert e.status == status and words in str(e), (e.status, str(e))
for wrong in (lambda: fit.loss(np.zeros(2)), lambda: holograd.run("train", config)):  # a wrong shape; a file's name
    try:
        wrong()
        raise AssertionError("taken")
    except ValueError:
        pass

numbers = [holograd.run("nqs exact", dict(nqs, exact={"levels": n, "temperatures": T}))["result"]
           for n, T in ((2, [0.5, 1]), (np.int64(2), np.array([0.5, 1])))]
assert numbers[0] == numbers[1]

# Ctrl-C while the library works: a training that would take minutes.
long = dict(short, restarts=100000, flow=dict(short["flow"], rel_tol=1e-10))
threading.Timer(0.5, os.kill, (os.getpid(), signal.SIGINT)).start()
try:
    holograd.run("train", long, name=config)
    raise AssertionError("Ctrl-C was not heard")
except KeyboardInterrupt:
    pass
