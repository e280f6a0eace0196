# SPDX-License-Identifier: GPL-3.0-or-later
"""Train a metric from a dict, look at it as numpy arrays, check the gradient, and hand the fit to an optimiser of your own."""
import json
import sys

import numpy as np

import holograd

config = {
    "schema": "holograd/train/1",
    "dataset": sys.argv[1] if len(sys.argv) > 1 else "../../data/qcd_condensate_T207/data.json",
    "metric": {"type": "pole_poly", "n": 4},
    "bulk": {"type": "scalar_phi4", "d": 4, "m2": -3, "train": ["lambda"]},
    "dictionary": {"type": "qcd", "Nc": 3, "train": ["L"]},
    "flow": {"type": "cvodes", "eta_uv": 1, "eta_ir": 1 / 15, "rel_tol": 1e-8, "abs_tol": 1e-10},
    "loss": {"type": "response"},
    "penalties": [{"type": "uv_value", "weight": 0.01}, {"type": "smooth", "weight": 0.01, "power": 4}],
    "restarts": 2,
    "seed": "1",
}

result = holograd.run("train", config, threads=-1)
r = result["result"]
print(f"holograd {holograd.version}: stopped by {r['stop']}, loss {r['loss']:.6g}, chi2 {r['chi2']:.6g}")

fit = holograd.Fit(result)
p = fit.start()  # of a result: its parameters
print("parameters:", dict(zip(fit.names, np.round(p, 6))))
eta = np.linspace(config["flow"]["eta_ir"], 1, 8)
print("h(eta):    ", np.round(fit.h(p, eta)[0], 3))
response, pull, chi2 = fit.predict(p)
print("responses: ", response, "pulls", np.round(pull, 2))

# The gradient against central differences, and against 2 J^T r.
loss, gradient = fit.loss(p)
step = 1e-5 * np.maximum(1e-3, np.abs(p))
q = p * 1.003  # beside the minimum, where the gradient is large
gq, rq = fit.loss(q)[1], fit.residuals(q)
dq = np.array([(fit.loss(q + d)[0] - fit.loss(q - d)[0]) / (2 * s) for d, s in zip(np.diag(step), step)])
print(f"gradient: against differences {np.abs(gq - dq).max() / np.abs(gq).max():.1e}, "
      f"against 2 J^T r {np.abs(gq - 2 * rq[1].T @ rq[0]).max() / np.abs(gq).max():.1e}")

V = holograd.run("potential", dict(result, config=dict(result["config"], potential={"closure": "string"})))["result"]
curve = V["curves"][0] if "curves" in V else V
print("potential: columns", [c["name"] for c in curve["columns"]], "rows", len(curve["rows"]))

# What a sampler needs (emcee, dynesty, ...): log probability = -loss/2, minus infinity where the geometry has no answer.
def log_probability(x):
    try:
        y = p.copy()
        y[fit.trained] = x
        return -fit.loss(y)[0] / 2 if x[-2] > 0 and x[-1] > 0 else -np.inf  # lambda and L are positive
    except holograd.Error:
        return -np.inf


# A plain Metropolis walk along the error ellipsoid, stiff directions (large singular values) with short steps.
rng = np.random.default_rng(1)
_, s, Vt = np.linalg.svd(fit.residuals(p)[1][:, fit.trained])
x, now, accepted, walk = p[fit.trained].copy(), log_probability(p[fit.trained]), 0, []
for _ in range(300):
    trial = x + Vt.T @ (rng.normal(size=s.size) / np.maximum(s, 10))
    then = log_probability(trial)
    if np.log(rng.random()) < then - now:
        x, now, accepted = trial, then, accepted + 1
    walk.append(x)
print(f"Metropolis: {accepted} of 300 steps accepted; L moved over {np.ptp([w[-1] for w in walk]):.3f} GeV^-1")

json.dump({"schema": "holograd/train-result/1", "result": {"chi2": chi2, "loss": loss, "worst_gradient_error":
          float(np.abs(gq - dq).max() / np.abs(gq).max())}}, open("python.json", "w"))
