/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Explicit Runge-Kutta with fixed steps and the exact adjoint of the discrete map.  Orders 4 (Kutta 1901), 5 (Dormand and
 * Prince 1980, the higher-order weights of the 5(4) pair) and 8 (the method inside DOP853: Hairer, Norsett, Wanner,
 * Solving ODEs I, 2nd ed., appendix).  grid "log" takes equal steps in log eta: with h = 1/eta + ... the equation in
 * x = log eta, dy/dx = eta f, is regular at the horizon, so the pole does not cost the method its order. */
#include "ads/flow_fixed.h"

typedef struct rk_opts {
  int order, n_steps, grid;
} rk_opts;

static const char *const grids[] = {"uniform", "log", NULL};
static const com_field fields[] = {
    {.key = "order",
     .doc = "order of the method: 4, 5 or 8",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(rk_opts, order),
     .def = 4,
     .lo = 4,
     .hi = 8},
    {.key = "n_steps",
     .doc = "number of steps",
     .unit = "1",
     .type = COM_F_INT,
     .off = offsetof(rk_opts, n_steps),
     .def = 90,
     .lo = 1,
     .hi = 1e6},
    {.key = "grid",
     .doc = "equal steps in eta, or in log eta (keeps the order at a 1/eta pole)",
     .unit = "1",
     .type = COM_F_ENUM,
     .off = offsetof(rk_opts, grid),
     .aux = grids,
     .sdef = "uniform"},
    {0}};

static const unsigned char nodes[12] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11};

static const unsigned char node4[4] = {0, 1, 1, 2};
static const double c4[3] = {0, 0.5, 1}, b4[4] = {1.0 / 6, 1.0 / 3, 1.0 / 3, 1.0 / 6};
static const double a4[16] = {0, 0, 0, 0, 0.5, 0, 0, 0, 0, 0.5, 0, 0, 0, 0, 1, 0};

static const double c5[6] = {0, 1.0 / 5, 3.0 / 10, 4.0 / 5, 8.0 / 9, 1};
static const double b5[6] = {35.0 / 384, 0, 500.0 / 1113, 125.0 / 192, -2187.0 / 6784, 11.0 / 84};
static const double a5[36] = {[6] = 1.0 / 5,         [12] = 3.0 / 40,      9.0 / 40,
                              [18] = 44.0 / 45,      -56.0 / 15,           32.0 / 9,
                              [24] = 19372.0 / 6561, -25360.0 / 2187,      64448.0 / 6561,
                              -212.0 / 729,          [30] = 9017.0 / 3168, -355.0 / 33,
                              46732.0 / 5247,        49.0 / 176,           -5103.0 / 18656};

static const double c8[12] = {0,
                              0.526001519587677318785587544488e-1,
                              0.789002279381515978178381316732e-1,
                              0.118350341907227396726757197510,
                              0.281649658092772603273242802490,
                              1.0 / 3,
                              0.25,
                              4.0 / 13,
                              0.651282051282051282051282051282,
                              0.6,
                              6.0 / 7,
                              1};
static const double b8[12] = {5.42937341165687622380535766363e-2,
                              0,
                              0,
                              0,
                              0,
                              4.45031289275240888144113950566,
                              1.89151789931450038304281599044,
                              -5.8012039600105847814672114227,
                              3.1116436695781989440891606237e-1,
                              -1.52160949662516078556178806805e-1,
                              2.01365400804030348374776537501e-1,
                              4.47106157277725905176885569043e-2};
static const double a8[144] = {[12] = 5.26001519587677318785587544488e-2,
                               [24] = 1.97250569845378994544595329183e-2,
                               5.91751709536136983633785987549e-2,
                               [36] = 2.95875854768068491816892993775e-2,
                               0,
                               8.87627564304205475450678981324e-2,
                               [48] = 2.41365134159266685502369798665e-1,
                               0,
                               -8.84549479328286085344864962717e-1,
                               9.24834003261792003115737966543e-1,
                               [60] = 1.0 / 27,
                               0,
                               0,
                               1.70828608729473871279604482173e-1,
                               1.25467687566822425016691814123e-1,
                               [72] = 3.7109375e-2,
                               0,
                               0,
                               1.70252211019544039314978060272e-1,
                               6.02165389804559606850219397283e-2,
                               -1.7578125e-2,
                               [84] = 3.70920001185047927108779319836e-2,
                               0,
                               0,
                               1.70383925712239993810214054705e-1,
                               1.07262030446373284651809199168e-1,
                               -1.53194377486244017527936158236e-2,
                               8.27378916381402288758473766002e-3,
                               [96] = 6.24110958716075717114429577812e-1,
                               0,
                               0,
                               -3.36089262944694129406857109825,
                               -8.68219346841726006818189891453e-1,
                               27.5920996994467083049415600797,
                               20.1540675504778934086186788979,
                               -43.4898841810699588477366255144,
                               [108] = 4.77662536438264365890433908527e-1,
                               0,
                               0,
                               -2.48811461997166764192642586468,
                               -5.90290826836842996371446475743e-1,
                               21.2300514481811942347288949897,
                               15.2792336328824235832596922938,
                               -33.2882109689848629194453265587,
                               -2.03312017085086261358222928593e-2,
                               [120] = -9.3714243008598732571704021658e-1,
                               0,
                               0,
                               5.18637242884406370830023853209,
                               1.09143734899672957818500254654,
                               -8.14978701074692612513997267357,
                               -18.5200656599969598641566180701,
                               22.7394870993505042818970056734,
                               2.49360555267965238987089396762,
                               -3.0467644718982195003823669022,
                               [132] = 2.27331014751653820792359768449,
                               0,
                               0,
                               -10.5344954667372501984066689879,
                               -2.00087205822486249909675718444,
                               -17.9589318631187989172765950534,
                               27.9488845294199600508499808837,
                               -2.85899827713502369474065508674,
                               -8.87285693353062954433549289258,
                               12.3605671757943030647266201528,
                               6.43392746015763530355970484046e-1};

static const ads_flow_fixed_method rk4 = {
    .n_stages = 4, .n_nodes = 3, .node = node4, .c = c4, .a = a4, .b = b4, .share = 1};
static const ads_flow_fixed_method rk5 = {
    .n_stages = 6, .n_nodes = 6, .node = nodes, .c = c5, .a = a5, .b = b5, .share = 1};
static const ads_flow_fixed_method rk8 = {
    .n_stages = 12, .n_nodes = 12, .node = nodes, .c = c8, .a = a8, .b = b8, .share = 1};

static com_status create(com_ctx *ctx, const void *opts, const ads_problem *p, void **self) {
  const rk_opts *o = opts;
  *self = NULL;
  COM_CHECK(ctx, o->order == 4 || o->order == 5 || o->order == 8, COM_E_CONFIG,
            "flow.order = %d: methods of order 4, 5 and 8 are available", o->order);
  const ads_flow_fixed_method *m = o->order == 4 ? &rk4 : o->order == 5 ? &rk5 : &rk8;
  return ads_flow_fixed_create(ctx, p, m, (size_t)o->n_steps, o->grid, self);
}

const ads_flow_ops ads_flow_rk = {
    .c = {.name = "rk",
          .doc = "fixed-step Runge-Kutta of order 4, 5 or 8 with the exact discrete adjoint",
          .ref = "Hairer, Norsett, Wanner, Solving Ordinary Differential Equations I",
          .fields = fields,
          .opt_size = sizeof(rk_opts)},
    .exact_gradient = 1,
    .create = create,
    .forward = ads_flow_fixed_forward,
    .backward = ads_flow_fixed_backward,
    .jacobian = ads_flow_fixed_jacobian,
    .stats = ads_flow_fixed_stats,
    .destroy = ads_flow_fixed_destroy};
