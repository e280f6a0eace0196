/* One line per metric; no include guard. */
ADS_METRIC(poly_t)
ADS_METRIC(pole_poly)
ADS_METRIC(layers)
ADS_METRIC(spline)
ADS_METRIC(chebyshev)
ADS_METRIC(mlp)
ADS_METRIC(schwarzschild)
