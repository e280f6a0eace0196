/* One line per loss; no include guard. */
ADS_LOSS(response)
ADS_LOSS(classifier)
ADS_LOSS(distance)
ADS_LOSS(potential)
