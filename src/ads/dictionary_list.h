/* One line per dictionary; no include guard. */
ADS_DICTIONARY(qcd)
