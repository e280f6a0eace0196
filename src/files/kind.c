/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/kind.h"
#include <string.h>
#include "ads/boltzmann_file.h"
#include "ads/config.h"
#include "ads/dataset.h"
#include "files/diff.h"
#include "nqs/dbm_report.h"
#include "nqs/driver.h"
#include "nqs/pathint_report.h"

/* ---- what the commands write, key by key ---- */

#define COLUMNS                                                                                              \
  {"result.columns", "array", "name, unit and TeX label of every column"},                                   \
      {"result.columns[].name", "string", ""}, {"result.columns[].unit", "?string|null", "1: none"},         \
      {"result.columns[].tex", "?string|null", ""},                                                          \
      {"result.rows", "array", "numbers and words, null where there is none"}, {                             \
    "result.rows[]", "array", ""                                                                             \
  }

/* Of a training; may: "?" where there need not be one. */
#define STARTS(may)                                                                                          \
  {"result.starts", may "array", "one row per start"}, {"result.starts[].start", may "integer", "from 1"},   \
      {"result.starts[].stop", may "string", ""}, {"result.starts[].iterations", may "integer", ""},         \
      {"result.starts[].loss", may "number|null", ""}, {"result.starts[].chi2", may "number|null", ""},      \
      {"result.starts[].n_bad", may "integer", "samples frozen or without a root"},                          \
      {"result.starts[].parameters", "?parameters", ""}, {                                                   \
    "result.history", may "table", "objective by iteration"                                                  \
  }

static const com_shape train[] = {
    {"result.stop", "string",
     "why training ended: loss_tol, grad_tol, step_tol, stalled, max_iter, max_time"},
    {"result.iterations", "integer", "optimiser steps over all starts and stages, resumed ones included"},
    {"result.loss", "number", "source direction, plus penalties"},
    {"result.chi2", "number|null", "response direction; null when a point has no root"},
    {"result.n_data", "integer", "data points"},
    {"result.n_trained", "integer", "trained numbers"},
    {"result.n_determined", "integer|null", "singular values above 1, in units of the errors"},
    {"result.singular_values", "numbers", "of the predictions' Jacobian in units of the errors, descending"},
    {"result.parameters", "parameters",
     "of the best start, in natural units; metric[GROUP].theta in a joint fit"},
    {"result.metric", "object", "h on a grid from eta_ir to eta_uv; by group in a joint fit"},
    {"result.predictions", "array", "one per data point"},
    {"result.predictions[].group", "?string", "dataset of a joint fit"},
    {"result.predictions[].source", "number|null", "datum"},
    {"result.predictions[].response", "number|null", "datum"},
    {"result.predictions[].error", "number|null", "one standard deviation of the datum"},
    {"result.predictions[].predicted_response", "number|null", "root nearest the datum; null: there is none"},
    {"result.predictions[].pull", "number|null", "(predicted_response - response)/error"},
    {"result.curve", "?object", "the on-shell curve between and around the data, for plots"},
    STARTS(""),
    {"result.flow", "object", "work of one gradient at the reported parameters; calls of the whole training"},
    {0}};

static const com_shape evaluation[] = {
    {"parameters", "parameters", "where it was evaluated"},
    {"points", "array", "one per data point"},
    {"points[].group", "?string", "dataset of a joint fit"},
    {"points[].source", "?number", "response data"},
    {"points[].response", "?number", "response data"},
    {"points[].label", "?integer", "labelled data: 0 on shell, 1 off shell"},
    {"points[].predicted_response", "?number", "data that no bulk field predicts: a potential"},
    {"points[].phi_uv", "?number|null", "state at eta_uv"},
    {"points[].pi_uv", "?number|null", ""},
    {"points[].phi_ir", "?number|null", "state at eta_ir"},
    {"points[].pi_ir", "?number|null", ""},
    {"points[].residual", "?number|null", "F: pi(eta_ir) or the horizon condition, as flow.ir says"},
    {"points[].frozen", "?boolean", "the sample ran away; residual is a constant"},
    {"points[].dpi_ir", "?parameters", "with --jacobian: dF/d(parameters), and /dsource, /dresponse"},
    {"loss", "number|null", "with penalties"},
    {"gradient", "parameters", "d loss / d(parameters)"},
    {0}};

static const com_shape gradcheck[] = {
    COLUMNS,
    {"result.worst", "number|null", "largest error that the verdict looks at"},
    {"result.tol", "number", "what it was held against"},
    {0}};

static const com_shape diff[] = {COLUMNS, {0}};

static const com_shape comparison[] = {
    {"result.flows", "table", "one row per flow: loss, chi2, gradient error, ..."},
    {"result.truth", "?parameters", "of synthetic data"},
    {"result.metrics", "table", "h of every flow on one grid"},
    {"result.transfer", "table", "loss of the column's parameters in the row's flow"},
    {"result.common_point", "string", "whose parameters the gradients were compared at"},
    {"result.parameters", "array|object", "of every flow"},
    {"result.dataset", "string", ""},
    {"result.loss_type", "string", ""},
    {"volatile.cost", "?table", "time of a gradient and of the training, on this machine"},
    {0}};

static const com_shape inference[] = {
    {"result.identifiability", "object", "singular spectrum, determined directions, Fisher matrix"},
    {"result.flow", "object", "integrator of the sampler"},
    {"result.flow_difference", "number|null",
     "largest change of a prediction against the config's flow, in errors"},
    {"result.modes", "array", "basins of the posterior, with evidence, weight and convergence"},
    {"result.bands", "object", "medians and bands of parameters, h, f, g, V(d), V(Phi) and landmarks"},
    {"result.criticism", "?object|null", "leave-one-out, WAIC, predictive check"},
    {"result.profiles", "?object",
     "per quantity a table of value, delta_chi2, delta_posterior and nuisance, with intervals, chi2_min and "
     "how many points are missing"},
    {"result.bootstrap", "?object", "parametric and resampled: median and bands of every quantity"},
    {"result.families", "?array", "other metrics: leave-one-out, WAIC, evidence, differences"},
    {"result.design", "?table|null", "where a new datum would tell most"},
    {"result.doubled_prior", "?object|null", "bands with the priors twice as wide"},
    {0}};

static const com_shape study[] = {
    {"result.type", "string", "replicas or calibration"},
    {"result.n", "number", "replicas or datasets"},
    {"result.quantities", "array",
     "replicas: truth, bias, spread, stated error, pull; calibration: rank counts, p, coverage"},
    {"result.fitted", "?number", "replicas that were fitted"},
    {"result.n_points", "?number", "data of a replica"},
    {"result.parameters", "?object", "the truth of the replicas"},
    {"result.chi2_mean", "?number|null", "chi2 of the fits, mean"},
    {"result.chi2_mean_error", "?number|null", ""},
    {"result.chi2_spread", "?number|null", ""},
    {"result.chi2_spread_error", "?number|null", ""},
    {"result.directions", "?array",
     "directions that the data determine: singular value, pull mean and width"},
    {"result.range", "?number", "truths have responses within this factor of the data"},
    {"result.levels", "?number", "ranks are 0..levels"},
    {"result.prior_tries", "?number", "draws of the prior that were needed"},
    {"result.from_truth", "?number", "chains that had to start at the truth"},
    {"result.ess_min", "?number|null", "smallest effective sample size of a quantity and dataset"},
    {"result.divergences", "?number", "of all chains"},
    {"result.flow_difference", "?number", "largest difference of the integrators in the responses"},
    {"result.coverage_min", "?number", "a 68 % band covers at least this share"},
    {"result.coverage_max", "?number", "and at most this"},
    {"result.p_limit", "?number", "smallest p of flat ranks"},
    {"result.calibrated", "?boolean", "the verdict"},
    {"result.datasets", "?table", "every dataset: what happened, ranks, truths, medians"},
    {0}};

static const com_shape background[] = {
    {"type", "string",
     "a background or closure of `holograd list backgrounds`; its options are keys beside it"},
    {"name", "?string", "for legends"},
    {"metric", "?object", "type h: the metric block"},
    {"closure", "?string|object", "how f and g share f g^(d-1)"},
    {"T", "?number|null", "temperature in GeV"},
    {"L", "?number|null", "AdS radius in GeV^-1"},
    {"potential", "?object", "settings of the command potential"},
    {"background", "?object", "settings of the command background"},
    {"spectrum", "?object", "settings of the command spectrum"},
    {"eta", "?numbers", "grid of the columns below"},
    {"h", "?numbers", ""},
    {"f", "?numbers", "-g_tt"},
    {"g", "?numbers", "g_xx"},
    {"Phi", "?numbers", "dilaton, for closures that have one"},
    {"V", "?numbers", "its potential"},
    {"temperature", "?number|null", "Hawking temperature in units 1/L"},
    {"T_times_L", "?number|null", ""},
    {"horizon", "?number|null", "eta of the horizon; null: none"},
    {"V_of_Phi", "?object|null", "fit of V around Phi = 0; null with the reason in no_V_of_Phi"},
    {"constants", "?object", "integration constants"},
    {"checks", "?object", "null energy condition, monotony, size of every extrapolation"},
    {"provenance", "?object", "build, inputs, warnings, volatile as in results"},
    {"schema", "?string", "holograd/background/1"},
    {0}};

static const com_shape backgrounds[] = {{"schema", "string", "holograd/backgrounds/1"},
                                        {"backgrounds", "array", "background documents"},
                                        {"potential", "?object", "settings of the command potential"},
                                        {0}};

static const com_shape lattice[] = {{"schema", "string", "holograd/lattice/1"},
                                    {"name", "string", ""},
                                    {"title", "string", ""},
                                    {"cornell", "?object", "A, B, C of V = A - B/r + C r with errors"},
                                    {"sigma", "?number", "string tension in GeV^2"},
                                    {"r_unit", "?string", "fm or GeV^-1"},
                                    {"V_unit", "?string", "GeV or MeV"},
                                    {"r_error", "?number", ""},
                                    {"V_error", "?number", ""},
                                    {"curves", "?array", "one per temperature"},
                                    {"curves[].T", "number", "GeV"},
                                    {"curves[].r", "numbers", ""},
                                    {"curves[].V", "numbers", ""},
                                    {"curves[].plateau", "?number", "value at large distance"},
                                    {"provenance", "object", "citation, doi, note"},
                                    {0}};

static const com_shape masses[] = {{"schema", "string", "holograd/masses/1"},
                                   {"name", "string", ""},
                                   {"title", "string", ""},
                                   {"unit", "string", "GeV or MeV"},
                                   {"rho", "?numbers", "masses of a sector, ascending"},
                                   {"a1", "?numbers", ""},
                                   {"a2", "?numbers", ""},
                                   {"f0", "?numbers", ""},
                                   {"pi", "?numbers", ""},
                                   {"rho_higher", "?numbers", ""},
                                   {"f_pi", "?number", "decay constant"},
                                   {"m_pi", "?number", ""},
                                   {"provenance", "object", "citation, doi, note"},
                                   {0}};

static const com_shape reference[] = {
    {"schema", "string", "holograd/reference/1"}, {"name", "string", ""}, {"title", "string", ""}, {0}};

static const com_shape potential[] = {
    {"result.name", "?string", ""},
    {"result.curves", "?array", "several curves: each as the keys below"},
    {"result.columns", "?array",
     "eta0, d (L), V (L/(2 pi alpha')), branch, then d_fm and V_GeV once calibrated"},
    {"result.rows", "?array", ""},
    {"result.bands", "?object", "of an inference: V(d) and screening distance, median and bands"},
    {"result.screening", "?object|null", "where V crosses that of two free quarks: d, eta0"},
    {"result.d_max", "?object|null", "largest distance of a connected string"},
    {"result.im_onset", "?object|null", "where V becomes complex"},
    {"result.slope", "?number|null", "string tension, unit 1/(2 pi alpha')"},
    {"result.fg_minimum", "?number|null", "eta of the minimum of f g: where it comes from"},
    {"result.temperature", "?number|null", "GeV"},
    {"result.L", "?number|null", "GeV^-1"},
    {"result.kappa", "?number|null", "1/(2 pi alpha') after calibration"},
    {"result.constant", "?number|null", "added to V, GeV"},
    {"result.debye", "?object|null", "screened fit"},
    {"result.curve", "?object", "smooth curve for plots"},
    {"result.checks", "?object", "as in backgrounds"},
    {0}};

static const com_shape spectrum[] = {
    COLUMNS,
    {"result.background", "object", "the background of these masses; runs again"},
    {"result.fields", "table", "A, Phi and potentials on a grid"},
    {"result.stop", "?string", "why the training from masses ended; this and what follows only with train"},
    {"result.iterations", "?integer", "optimiser steps over all starts, resumed ones included"},
    {"result.chi2", "?number|null", "of the trained masses, in units of spectrum.rel_error"},
    {"result.n_data", "?integer", "masses trained on"},
    {"result.n_trained", "?integer", "trained numbers"},
    {"result.parameters", "?parameters", "profile.k and profile.a of the best start"},
    STARTS("?"),
    {"result.parametrisations", "?table", "the same from other profiles, with the next masses that follow"},
    {0}};

static const com_shape nqs[] = {
    {"result.stop", "?string", "why the optimisation ended"},
    {"result.iterations", "?integer", "steps; of Lanczos for `nqs exact`"},
    {"result.rollbacks", "?integer", "steps taken back"},
    {"result.energy", "object|number",
     "total: mean, error, per_site, variance, tau, rhat, v_score, n; a number for `nqs exact`"},
    {"result.per_site", "?number", "`nqs exact`"},
    {"result.method", "?string", "`nqs exact`: how"},
    {"result.dimension", "?number", "`nqs exact`: of the space"},
    {"result.reference", "?object", "`nqs exact`: closed form or Bethe energy"},
    {"result.spectrum", "?numbers", "`nqs exact --levels`"},
    {"result.thermal", "?table", "`nqs exact --temperatures`"},
    {"result.accept", "?number|null", "acceptance of the sampler"},
    {"result.observables", "?object", "each with mean, error, tau, rhat"},
    {"result.exact", "?object", "energy, relative_error, source; when affordable"},
    {"result.history", "?table", "energy by iteration"},
    {"result.parameters", "?any", "of the wave function"},
    {0}};

static const com_shape evolution[] = {COLUMNS,
                                      {"result.stop", "?string", ""},
                                      {"result.collections", "?integer", "samples drawn"},
                                      {"result.final", "object", "last row, by name"},
                                      {"result.snapshots", "?array", "correlations at chosen times"},
                                      {"result.parameters", "?any", "of the last state"},
                                      {0}};

static const com_shape dbm[] = {
    {"result.energy", "object", "sampled, with its error"},
    {"result.trotter_energy", "?number|null", "exact at this time step, up to 14 sites"},
    {"result.magnetisation", "?any", ""},
    {"result.correlation", "?any", ""},
    {"result.hidden", "integer", "hidden units"},
    {"result.deep", "integer", "deep units"},
    {"result.ansatz", "?object", "the machine as ansatz dbm, up to 12 deep units"},
    {"result.parameters", "?object", "its parameters, for ansatz.file"},
    {0}};

static const com_shape path[] = {{"result.energy", "number|null", "extrapolated to interval 0"},
                                 {"result.energy_error", "number|null", "one standard deviation"},
                                 {"result.exact_energy", "number|null", "by diagonalisation"},
                                 {"result.exact_gap", "number|null", ""},
                                 {"result.runs", "table", "one row per interval"},
                                 {0}};

static const com_shape machine[] = {
    COLUMNS,
    {"result.weights", "object", "step, a between layers, s and c of the layers: the machine itself"},
    {"result.kernel", "number|null", "K_0 of the Gaussian part: P(J) ~ exp(-N K_0 J^2/2)"},
    {"result.two_point", "?object|null", "<phi_0^2>: sampled, error, gaussian = 1/(N K_0)"},
    {"result.metric", "?object",
     "with dbm.metric: the metric that the weights give, a train config or a background"},
    {"result.metric_residual", "?number|null", "`--metric`, dbm.metric: largest |h - h of the weights|"},
    {0}};

/* ---- the kinds ---- */

static const files_kind kinds[] = {
    {"train", "what to learn, from what, and how", .fields = ads_config_fields},
    {"train-result", "a learned metric with its predictions, starts and warnings", .shape = train,
     .config = "train"},
    {"evaluation", "states at both ends, residuals and derivatives per point", .shape = evaluation,
     .flat = 1},
    {"gradcheck", "gradients against differences", .shape = gradcheck, .config = ""},
    {"dataset", "measured points: source, response, errors, units", .fields = ads_dataset_fields},
    {"diff", "two results, column by column", .fields = files_diff_fields, .shape = diff, .config = ""},
    {"nqs", "boundary model, wave function, sampler, optimiser", .fields = nqs_driver_fields},
    {"nqs-result", "energy and observables of a boundary state", .shape = nqs, .config = "nqs"},
    {"nqs-evolution", "observables of a boundary state against time", .shape = evolution, .config = "nqs"},
    {"background", "a geometry for observables", .shape = background},
    {"backgrounds", "several backgrounds for one plot", .shape = backgrounds},
    {"lattice", "lattice potentials to lay under a prediction", .shape = lattice},
    {"masses", "measured meson masses", .shape = masses},
    {"reference", "published or reference numbers", .shape = reference},
    {"potential", "quark-antiquark potential: d, V, landmarks, calibration", .shape = potential,
     .config = "background"},
    {"spectrum", "meson masses, and the background they belong to", .shape = spectrum,
     .config = "background"},
    {"comparison", "several flows on the same data: fits, metrics, transfer, gradients, cost",
     .shape = comparison, .config = "train"},
    {"inference", "what the data determine: spectrum, modes, bands, criticism, design", .shape = inference,
     .config = "train"},
    {"study", "bias, pulls or ranks over many fits of made-up data", .shape = study, .config = "train"},
    {"dbm", "deep Boltzmann machine of a bulk field: config and result", .fields = ads_boltzmann_file_fields,
     .shape = machine, .config = "dbm"},
    {"nqs-dbm", "exact deep Boltzmann machine: config and result", .fields = nqs_dbm_report_fields,
     .shape = dbm, .config = "nqs-dbm"},
    {"path", "path integral over network weights: config and result", .fields = nqs_pathint_report_fields,
     .shape = path, .config = "path"},
};
enum { N_KINDS = sizeof kinds / sizeof *kinds };

const files_kind *files_kind_at(size_t i) { return i < N_KINDS ? kinds + i : NULL; }

const files_kind *files_kind_find(const char *name) {
  for (size_t i = 0; i < N_KINDS; i++)
    if (!strcmp(kinds[i].name, name)) return kinds + i;
  return NULL;
}
