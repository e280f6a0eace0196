/* One line per observable; no include guard. */
ADS_OBS(wilson)
ADS_OBS(dilaton)
ADS_OBS(spectrum)
