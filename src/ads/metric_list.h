/* One line per metric; no include guard. */
ADS_METRIC(poly_t)
ADS_METRIC(pole_poly)
