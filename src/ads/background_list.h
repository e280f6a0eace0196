/* One line per type of background; no include guard. */
ADS_BACKGROUND(ads)
ADS_BACKGROUND(schwarzschild)
ADS_BACKGROUND(table)
ADS_BACKGROUND(h)
ADS_BACKGROUND(conformal)
