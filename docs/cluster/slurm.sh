#!/bin/bash
#SBATCH --job-name=dil
#SBATCH --nodes=2
#SBATCH --ntasks-per-node=8
#SBATCH --gpus-per-node=8
#SBATCH --cpus-per-task=8
#SBATCH --signal=TERM@120
#SBATCH --requeue
# Built once, before all ranks start; dil.yaml and what it names are on storage that all nodes share.
./dil --version
srun --mpi=pmix --kill-on-bad-exit=1 ./dil train dil.yaml
