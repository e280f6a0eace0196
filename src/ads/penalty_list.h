/* One line per penalty; no include guard. */
ADS_PENALTY(uv_value)
ADS_PENALTY(smooth)
