/* One line per flow; no include guard. */
ADS_FLOW(cvodes)
ADS_FLOW(resnet)
ADS_FLOW(rk)
