# SPDX-License-Identifier: GPL-3.0-or-later
# The sessions of fuzz.log, one row per family.  A line of the log:
#   2026-01-31T12:00:00Z train: 61 s (59 s of a processor), 5123 executions, 69 seeds, 324 inputs kept: no finding
{
  f = $2
  sub(":", "", f)
  if (!(f in sessions)) order[++n] = f
  sessions[f]++
  seconds[f] += $3
  busy[f] += substr($5, 2)
  runs[f] += $10
  kept[f] = $14
  found[f] += / FINDING/
}
END {
  print "| family | seconds | of a processor | executions | inputs kept | sessions | of them with a finding |"
  print "|---|---|---|---|---|---|---|"
  for (i = 1; i <= n; i++) {
    f = order[i]
    printf "| %s | %d | %d | %d | %d | %d | %d |\n", f, seconds[f], busy[f], runs[f], kept[f], sessions[f], found[f]
  }
}
