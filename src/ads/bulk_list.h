/* One line per bulk equation; no include guard. */
ADS_BULK(scalar_phi4)
ADS_BULK(friction)
ADS_BULK(scalar_massive)
ADS_BULK(scalar_even)
ADS_BULK(scalar_power)
