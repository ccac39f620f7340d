"""The floor: what the same requests cost a Django program that does nothing else."""
