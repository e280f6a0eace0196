/* One line per kind of component; no include guard. */
CLI_KIND(ads_metric_kind)
CLI_KIND(ads_bulk_kind)
CLI_KIND(ads_dictionary_kind)
CLI_KIND(ads_flow_kind)
CLI_KIND(ads_loss_kind)
CLI_KIND(ads_penalty_kind)
CLI_KIND(com_optim_kind)
