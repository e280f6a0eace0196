/* One line per penalty; no include guard. */
ADS_PENALTY(uv_value)
ADS_PENALTY(smooth)
ADS_PENALTY(ir_pole)
ADS_PENALTY(second_difference)
ADS_PENALTY(einstein)
ADS_PENALTY(nec)
ADS_PENALTY(temperature)
