#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# sbatch slurm.sh   One process per core; resubmitted after the time limit it goes on from the checkpoint, bit for bit.
#SBATCH --job-name=holograd-nqs
#SBATCH --ntasks=16
#SBATCH --cpus-per-task=1
#SBATCH --time=01:00:00
#SBATCH --signal=TERM@120
#SBATCH --requeue
#SBATCH --output=%x-%j.log
set -eu
state=nqs.checkpoint
resume=
[ -e "$state" ] && resume="--resume $state"
# SIGTERM two minutes before the end: the run writes its checkpoint and leaves with code 130
srun "${HOLOGRAD:-holograd}" nqs run config.json --threads 1 --checkpoint "$state" $resume --force -o result.json || {
  code=$?
  [ "$code" = 130 ] && [ -n "${SLURM_JOB_ID:-}" ] && scontrol requeue "$SLURM_JOB_ID"
  exit "$code"
}
