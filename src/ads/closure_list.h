/* One line per closure; no include guard. */
ADS_CLOSURE(exp)
ADS_CLOSURE(cosh)
ADS_CLOSURE(einstein)
ADS_CLOSURE(string)
