/* One line per kind of file; no include guard. */
CLI_SCHEMA(cli_cmd_train_schema)
CLI_SCHEMA(cli_cmd_train_result_schema)
CLI_SCHEMA(cli_cmd_evaluate_schema)
CLI_SCHEMA(cli_cmd_gradcheck_schema)
CLI_SCHEMA(cli_cmd_import_schema)
CLI_SCHEMA(cli_cmd_diff_schema)
CLI_SCHEMA(cli_cmd_nqs_run_schema)
CLI_SCHEMA(cli_cmd_nqs_run_result_schema)
