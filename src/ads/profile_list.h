/* One line per profile; no include guard. */
ADS_PROFILE(soft_wall)
ADS_PROFILE(gauss)
ADS_PROFILE(exponential)
ADS_PROFILE(lorentz)
ADS_PROFILE(rational)
ADS_PROFILE(hyperbola)
ADS_PROFILE(broad)
