/* One line per flow; no include guard. */
ADS_FLOW(cvodes)
