/* One line per Hamiltonian; no include guard. */
NQS_HAM(tfim)
NQS_HAM(heisenberg)
NQS_HAM(xxz)
NQS_HAM(pauli)
NQS_HAM(bose_hubbard)
NQS_HAM(sum)
