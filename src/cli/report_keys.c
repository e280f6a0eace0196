/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/report_keys.h"
#include <string.h>

static const cli_report_key keys[] = {
    /* training */
    {"stop", "stopped by", "a tolerance, the iteration limit, the time limit"},
    {"iterations", "iterations", NULL},
    {"loss", "loss", "sum of squared residuals and weighted penalties"},
    {"chi2", "\xcf\x87^{2}", "sum of squared pulls in the response direction"},
    {"*.chi2", "\xcf\x87^{2}", "sum of squared pulls in the response direction"},
    {"n_data", "data points", NULL},
    {"n_trained", "trained numbers", NULL},
    {"n_determined", "numbers that the data determine",
     "singular values of d prediction / d parameters above 1, in units of the errors"},
    {"singular_values", "singular values",
     "of d prediction / d parameters in units of the errors; directions below 1 are set by penalties and "
     "start"},
    {"parameters.metric.theta", "metric \xce\xb8", "coefficients of h(\xce\xb7)"},
    {"parameters.bulk.lambda", "\xce\xbb", "quartic coupling of the bulk scalar"},
    {"parameters.bulk.m2", "m^{2}", "mass squared of the bulk scalar [1/L^{2}]"},
    {"parameters.dictionary.L", "L", "AdS radius [GeV^{-1}]"},
    {"metric", "Learned metric", NULL},
    {"predictions", "Data and predictions", NULL},
    {"curve", "Curve of the fit", NULL},
    {"starts", "Starts", NULL},
    {"history", "History", NULL},
    {"flow.steps", "integrator steps", "of one forward pass at the result"},
    {"flow.rhs_calls", "right-hand sides", "of one forward pass at the result"},
    {"flow.steps_back", "steps back", "of its adjoint"},
    {"flow.rhs_calls_back", "right-hand sides back", "of its adjoint"},
    {"flow.forward_calls", "forward passes", "of the whole training"},
    {"flow.backward_calls", "gradients", "of the whole training"},
    {"flow.frozen_samples", "frozen samples", "samples that ran away and were stopped"},
    /* comparison */
    {"flows", "Flows", NULL},
    {"metrics", "Learned h on a common grid", NULL},
    {"transfer", "Transfer: loss of the column's parameters in the row's flow", NULL},
    {"cost", "Cost on this machine", NULL},
    {"common_point", "common point", "flow whose parameters are used where one point is needed for all"},
    {"loss_type", "loss function", NULL},
    {"dataset", "dataset", NULL},
    /* inference */
    {"identifiability.directions", "Directions in parameter space, from stiff to sloppy", NULL},
    {"identifiability.fisher", "Fisher matrix", NULL},
    {"flow_difference", "difference between flows", "of the predictions, in units of the errors"},
    {"modes", "Modes of the posterior", NULL},
    {"bands.scalars", "Posterior of the couplings", NULL},
    {"bands.h", "Posterior of h(\xce\xb7)", NULL},
    {"bands.responses", "Posterior of the responses", NULL},
    {"bands.ln_f", "Posterior of ln f", NULL},
    {"bands.ln_g", "Posterior of ln g", NULL},
    {"bands.potential", "Posterior of the quark-antiquark potential", NULL},
    {"bands.V_of_Phi", "Posterior of the dilaton potential V(\xce\xa6)", NULL},
    {"bands", "Posterior of derived numbers", NULL},
    {"doubled_prior", "The same with doubled prior widths", NULL},
    {"criticism.points", "Leave-one-out, point by point", NULL},
    {"criticism.elpd_loo", "expected log density left out", "Pareto-smoothed leave-one-out cross-validation"},
    {"criticism.elpd_waic", "WAIC", "widely applicable information criterion, as expected log density"},
    {"criticism.p_waic", "p_{WAIC}", "effective number of parameters"},
    {"criticism.pareto_k_max", "largest Pareto shape", "above 0.7 leave-one-out is not reliable"},
    {"criticism.predictive_p", "posterior predictive p",
     "share of replicated data sets that fit worse than the data"},
    {"design", "What a further measurement would teach, by source", NULL},
    /* potential, background, spectrum */
    {"screening.d", "screening distance", "where V = 0: the string breaks [L]"},
    {"screening.d_fm", "screening distance [fm]", NULL},
    {"screening.eta0", "its turning point \xce\xb7_{0}", NULL},
    {"screening.d_times_T", "screening distance times T", NULL},
    {"d_max.d", "longest connected string", "[L]"},
    {"d_max.d_fm", "longest connected string [fm]", NULL},
    {"d_max.eta0", "its turning point \xce\xb7_{0}", NULL},
    {"d_max.d_times_T", "longest connected string times T", NULL},
    {"im_onset.d", "imaginary part sets in", "[L]"},
    {"im_onset.d_fm", "imaginary part sets in [fm]", NULL},
    {"slope", "linear slope", "[1/(2\xcf\x80\xce\xb1\xe2\x80\xb2)]"},
    {"fg_minimum", "minimum of f g", "[L]"},
    {"temperature", "temperature", "[GeV] unless a unit is given"},
    {"kappa", "\xce\xba = L^{2}/(2\xcf\x80\xce\xb1\xe2\x80\xb2)", "from the calibration"},
    {"constant", "additive constant", "[GeV]"},
    {"debye.mu", "Debye mass \xce\xbc", "of the screened Cornell form [1/L]"},
    {"debye.mu_over_T", "\xce\xbc/T", NULL},
    {"checks.horizon", "horizon", "h has the 1/\xce\xb7 pole"},
    {"checks.nec", "null energy condition", NULL},
    {"checks.nec_radial.holds", "null energy condition, radial", NULL},
    {"checks.nec_spatial.holds", "null energy condition, spatial", NULL},
    {"checks.fg_monotonic", "f g is monotonic", NULL},
    {"checks.learned_from", "learned from", "\xce\xb7 at the horizon end of the data's reach"},
    {"checks.learned_to", "learned to", "\xce\xb7 at the boundary end"},
    {"fields", "Profile functions", NULL},
    {"parametrisations", "Parametrisations", NULL},
    /* boundary states */
    {"energy.mean", "energy", "total, of the frozen state"},
    {"*.per_site", "per site", NULL},
    {"*.variance", "variance", "of the local energy; 0 for an eigenstate"},
    {"*.tau", "\xcf\x84", "integrated autocorrelation time in sweeps"},
    {"*.rhat", "split R\xcc\x82", "close to 1 when the chains agree"},
    {"*.v_score", "V-score", "N variance / energy^{2}"},
    {"energy.n", "samples", NULL},
    {"accept", "acceptance", NULL},
    {"rollbacks", "rollbacks", "steps taken back because the energy jumped"},
    {"observables", "Observables per site", NULL},
    {"exact.energy", "exact energy", NULL},
    {"exact.relative_error", "relative error", "(energy - exact) / |exact|"},
    {"exact.source", "source of the exact energy", NULL},
    {"reference.energy", "reference energy", NULL},
    {"spectrum", "spectrum", "lowest energies"},
    {"thermal", "Thermal averages", NULL},
    {"snapshots", "Snapshots", NULL},
    {"parameters.w", "Weights of the network", NULL},
    {"correlation", "Correlation with the first site", NULL},
    {"trotter_energy", "energy of the Trotter state", "state vector of the same machine"},
    {"runs", "Runs", NULL},
    {"scan", "Scan", NULL},
    {"points", "Points", NULL},
    {NULL, NULL, NULL}};

/* "*.x" stands for x at any depth, everything else for one path. */
static int matches(const char *path, const char *key) {
  const size_t n = strlen(path), m = strlen(key);
  if (key[0] != '*') return strcmp(path, key) == 0;
  return n >= m - 1 && strcmp(path + n - (m - 1), key + 1) == 0;
}

const cli_report_key *cli_report_keys_find(const char *path) {
  const cli_report_key *k = keys;
  while (k->path && !matches(path, k->path)) k++;
  return k->path ? k : NULL;
}
