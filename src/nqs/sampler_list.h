/* One line per sampler; no include guard. */
NQS_SAMPLER(metropolis)
NQS_SAMPLER(sum)
NQS_SAMPLER(direct)
