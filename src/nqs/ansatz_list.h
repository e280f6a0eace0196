/* One line per wave function; no include guard. */
NQS_ANSATZ(rbm)
NQS_ANSATZ(jastrow)
NQS_ANSATZ(ffn)
NQS_ANSATZ(dbm)
NQS_ANSATZ(mps)
NQS_ANSATZ(arnn)
NQS_ANSATZ(projected)
