/* SPDX-License-Identifier: GPL-3.0-or-later */
/** @file common.h  What every user of the library needs: context, status, JSON, parameters, tables, plots, optimisers, ODE. */
#ifndef HOLOGRAD_HOLOGRAD_COMMON_H
#define HOLOGRAD_HOLOGRAD_COMMON_H
#include "common/ctx.h"
#include "common/field.h"
#include "common/json.h"
#include "common/log.h"
#include "common/ode.h"
#include "common/optim.h"
#include "common/params.h"
#include "common/result.h"
#include "common/rng.h"
#include "common/svg.h"
#include "common/table.h"
#endif
