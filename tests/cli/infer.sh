#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# infer.sh  The long cases of run.sh: inference and studies; INFER_CASE: only those whose name begins so.
TABLES='good_infer*.tbl' exec sh "$(dirname "$0")/run.sh" "${INFER_CASE:-}"
