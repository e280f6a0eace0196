/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One line per optimiser; no include guard, included several times. */
COM_OPTIM(lm)
COM_OPTIM(lbfgs)
COM_OPTIM(adam)
