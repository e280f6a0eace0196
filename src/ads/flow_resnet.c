/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The papers' network: one forward Euler layer per step, layer k at eta_uv + k step, step = (eta_ir - eta_uv)/n_layers < 0
 * (1802.08313 eqs. (6)-(8), 1809.10536 eq. (14)):
 *     phi' = phi + step pi,   pi' = pi + step f_pi(phi, pi; h(eta_k)).
 * "euler_old" takes phi inside f_pi (eq. (6) and the public 1809.10536 code), "euler_new" phi' (the activation of eq. (8)). */
#include "ads/flow_fixed.h"

typedef struct resnet_opts {
  int n_layers, rule;
} resnet_opts;

static const char *const rules[] = {"euler_old", "euler_new", NULL};
static const com_field fields[] = {{.key = "n_layers",
                                    .doc = "number of Euler layers",
                                    .unit = "1",
                                    .type = COM_F_INT,
                                    .off = offsetof(resnet_opts, n_layers),
                                    .def = 15,
                                    .lo = 1,
                                    .hi = 1e6},
                                   {.key = "rule",
                                    .doc = "the momentum update uses the old or the new field",
                                    .unit = "1",
                                    .type = COM_F_ENUM,
                                    .off = offsetof(resnet_opts, rule),
                                    .aux = rules,
                                    .sdef = "euler_old"},
                                   {0}};

static const double zero[1] = {0}, one[1] = {1};
static const unsigned char node[1] = {0};
static const ads_flow_fixed_method methods[2] = {
    {.n_stages = 1, .n_nodes = 1, .node = node, .c = zero, .a = zero, .b = one, .share = 0, .kick = 0},
    {.n_stages = 1, .n_nodes = 1, .node = node, .c = zero, .a = zero, .b = one, .share = 0, .kick = 1}};

static com_status create(com_ctx *ctx, const void *opts, const ads_problem *p, void **self) {
  const resnet_opts *o = opts;
  return ads_flow_fixed_create(ctx, p, &methods[o->rule], (size_t)o->n_layers, 0, self);
}

const ads_flow_ops ads_flow_resnet = {
    .c = {.name = "resnet",
          .doc = "forward Euler layers, the discrete network of the papers, exact backpropagation",
          .ref = "arXiv:1802.08313 eqs. (6)-(8); arXiv:1809.10536",
          .fields = fields,
          .opt_size = sizeof(resnet_opts)},
    .exact_gradient = 1,
    .create = create,
    .forward = ads_flow_fixed_forward,
    .backward = ads_flow_fixed_backward,
    .jacobian = ads_flow_fixed_jacobian,
    .stats = ads_flow_fixed_stats,
    .destroy = ads_flow_fixed_destroy};
