#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
exec "${HOLOGRAD:-holograd}" nqs run config.json -q --force -o result.json --plot energy.svg
