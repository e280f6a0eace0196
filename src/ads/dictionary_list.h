/* One line per dictionary; no include guard. */
ADS_DICTIONARY(qcd)
ADS_DICTIONARY(generic)
ADS_DICTIONARY(linear)
ADS_DICTIONARY(state)
