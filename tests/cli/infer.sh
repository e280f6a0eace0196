#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# infer.sh [NAME]  The long cases of run.sh: inference and studies.
TABLES='good_infer*.tbl' exec sh "$(dirname "$0")/run.sh" "$@"
